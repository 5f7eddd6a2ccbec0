using Bifrost.Grains;
using Npgsql;

namespace Bifrost.Webhooks.Tests.Following;

/// <summary>Followers: which events they are handed, and where they run.</summary>
public sealed class FollowerTests : IAsyncLifetime
{
    private const int Portfolios = 100;
    private const int Callers = 128;
    private const int Commands = 100_000;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly TwoLedgers ledgers = new();
    private readonly Demand demand = new();

    public async Task InitializeAsync()
    {
        await ledgers.InitializeAsync();
        await using var owner = NpgsqlDataSource.Create(ledgers.Database.ConnectionString);
        await using var command = owner.CreateCommand(Recorder.Table);
        await command.ExecuteNonQueryAsync();
    }

    public Task DisposeAsync() => ledgers.DisposeAsync();

    [Fact]
    public async Task it_runs_only_while_it_is_wanted_and_goes_on_behind_what_was_asked_for()
    {
        var portfolio = await ledgers.One.OpenPortfolio(cash: 1m);
        await using var node = await Start();
        var first = await LastSequence();
        demand.After = first;
        await Until(() => Task.FromResult(node.Runs));
        await ledgers.One.Deposit(portfolio, 2m);
        await Until(async () => await Seen() == 1);

        demand.After = null;
        await Until(() => Task.FromResult(!node.Runs));
        await ledgers.One.Deposit(portfolio, 3m);
        var skipped = await LastSequence();
        demand.After = skipped;
        await Until(() => Task.FromResult(node.Runs));
        await ledgers.One.Deposit(portfolio, 4m);
        await Until(async () => await Seen() == 2);

        (await Sequences()).ShouldBe([first + 1, skipped + 1]);
    }

    [Fact]
    public async Task where_it_came_to_wins_over_what_is_asked_for_from_earlier()
    {
        var portfolio = await ledgers.One.OpenPortfolio(cash: 1m);
        demand.After = 0;
        await using (await Start())
            await Until(async () => await LastSeen() == await LastSequence());
        await ledgers.One.Deposit(portfolio, 2m);

        await using (await Start())
            await Until(async () => await LastSeen() == await LastSequence());

        (await Sequences()).ShouldBe([1, 2, 3]);
    }

    // A hundred thousand events, written by two processes while two nodes may follow; the one that does is stopped in
    // the middle.
    [Fact]
    public async Task none_of_100_000_events_under_load_is_missed_doubled_or_out_of_order()
    {
        demand.After = 0;
        var (one, other) = (await Start(), await Start());
        await using var _ = one;
        await using var __ = other;
        var writing = Write();
        await Until(async () => writing.IsCompleted || await Seen() > 20_000);
        await (one.Runs ? one : other).DisposeAsync();
        await writing;
        await Until(async () => await LastSeen() == await LastSequence());

        (await Sequences()).ShouldBe(
            await ledgers.Database.Query<long[]>("SELECT array_agg(seq_id ORDER BY seq_id) FROM events.mt_events"));
        (await ledgers.Database.Query<long>("SELECT count(DISTINCT node) FROM work.seen")).ShouldBe(2);
    }

    // As when a node was given up that only was slow.
    [Fact]
    public async Task two_that_follow_at_once_hand_each_event_over_once()
    {
        await using var one = await Start();
        await using var other = await Start();
        await Task.WhenAll(
            one.Daemon.Start(Recorder.Name, 0, CancellationToken.None),
            other.Daemon.Start(Recorder.Name, 0, CancellationToken.None));
        var portfolio = await ledgers.One.OpenPortfolio();
        for (var i = 0; i < 200; i++)
        {
            await ledgers.One.Deposit(portfolio, 1m);
            // Whoever has lost a race has ended.
            foreach (var node in new[] { one, other }.Where(node => !node.Runs))
                await node.Daemon.Start(Recorder.Name, 0, CancellationToken.None);
        }
        await Until(async () => await LastSeen() == await LastSequence());

        (await Sequences()).ShouldBe(Enumerable.Range(1, 201).Select(i => (long)i));
    }

    private Task<FollowingNode> Start() => FollowingNode.Start(ledgers.Database.ConnectionString, demand);

    private async Task Write()
    {
        var portfolios = await Task.WhenAll(Enumerable.Range(0, Portfolios).Select(_ => ledgers.One.OpenPortfolio()));
        var done = 0;
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(async caller =>
        {
            var random = new Random(caller);
            var ledger = caller % 2 == 0 ? ledgers.One : ledgers.Other;
            // Each process has portfolios of its own, but for some that both write to.
            var mine = portfolios.Where((_, i) => i % 2 == caller % 2 || i < 4).ToArray();
            while (Interlocked.Increment(ref done) <= Commands)
                await ledger.Deposit(mine[random.Next(mine.Length)], 1m);
        }));
    }

    private Task<long> Seen() => ledgers.Database.Query<long>("SELECT count(*) FROM work.seen");

    private Task<long> LastSeen() =>
        ledgers.Database.Query<long>("SELECT coalesce(max(sequence), 0) FROM work.seen");

    private Task<long[]> Sequences() =>
        ledgers.Database.Query<long[]>("SELECT array_agg(sequence ORDER BY place) FROM work.seen");

    private Task<long> LastSequence() => ledgers.Database.Query<long>("SELECT max(seq_id) FROM events.mt_events");

    private static Task Until(Func<Task<bool>> isSo) =>
        Eventually.Is(isSo, Patience, () => "The follower does not come to it.");
}

using Npgsql;
using static Bifrost.EventStore.Tests.OwnLog;

namespace Bifrost.EventStore.Tests;

/// <summary>Each test has a log of its own, because a subscription follows the whole log.</summary>
public sealed class SubscriptionTests : IAsyncLifetime
{
    private readonly OwnLog log = new();

    public async Task InitializeAsync()
    {
        await log.InitializeAsync();
        // What a handler did is what it wrote in the transaction that it was given.
        await log.Execute("CREATE TABLE handled (place bigserial, seq_id bigint)");
    }

    public Task DisposeAsync() => log.DisposeAsync();

    [Fact]
    public async Task events_are_handed_over_in_commit_order_a_batch_at_a_time()
    {
        var sequences = await Append(portfolioId: 1, count: 5);
        var subscription = Subscribe(batchSize: 2);

        var handed = new List<int>();
        do
            handed.Add(await subscription.Advance(Note));
        while (handed[^1] > 0);

        handed.ShouldBe([2, 2, 1, 0]);
        (await Handled()).ShouldBe(sequences);
    }

    [Fact]
    public async Task a_restart_goes_on_after_what_was_handled()
    {
        var first = await Append(portfolioId: 1, count: 3);
        await Subscribe().Advance(Note);
        var second = await Append(portfolioId: 2, count: 2);

        (await Subscribe().Advance(Note)).ShouldBe(2);
        (await Subscribe().Advance(Note)).ShouldBe(0);

        (await Handled()).ShouldBe([.. first, .. second]);
        (await log.Rows("SELECT name, last_seq_id FROM events.mt_event_progression"))
            .ShouldBe([$"(reader,{second[^1]})"]);
    }

    [Fact]
    public async Task a_handler_that_fails_moves_nothing_and_is_given_the_same_events_again()
    {
        var sequences = await Append(portfolioId: 1, count: 3);
        await Subscribe(batchSize: 1).Advance(Note);

        await Should.ThrowAsync<NotSupportedException>(() => Subscribe().Advance(async (events, transaction, cancel) =>
        {
            await Note(events, transaction, cancel);
            throw new NotSupportedException("The handler fails after it wrote.");
        }));
        (await Handled()).ShouldBe([sequences[0]]);

        (await Subscribe().Advance(Note)).ShouldBe(2);
        (await Handled()).ShouldBe(sequences);
    }

    [Fact]
    public async Task each_name_has_a_checkpoint_of_its_own()
    {
        await Append(portfolioId: 1, count: 3);

        (await new Subscription(log.Source, "one").Advance(Note)).ShouldBe(3);
        (await new Subscription(log.Source, "other").Advance(Note)).ShouldBe(3);
    }

    [Fact]
    public async Task two_processes_under_one_name_share_the_work_without_doubling()
    {
        var sequences = await Append(portfolioId: 1, count: 200);

        var shares = await Task.WhenAll(Enumerable.Range(0, 2).Select(async _ =>
        {
            var (subscription, total, handed) = (Subscribe(batchSize: 3), 0, 0);
            do
                total += handed = await subscription.Advance(Note);
            while (handed > 0);
            return total;
        }));

        shares.Sum().ShouldBe(sequences.Count);
        (await Handled()).ShouldBe(sequences);
    }

    [Fact]
    public async Task a_reader_under_concurrent_writers_misses_no_event()
    {
        var writing = Task.WhenAll(Enumerable.Range(1, 6).Select(async portfolio =>
        {
            for (var n = 1; n <= 50; n++)
                await log.Append(Deposit(portfolio, n));
        }));
        var subscription = Subscribe(batchSize: 7);

        int handed;
        do
        {
            var isLast = writing.IsCompleted;
            handed = await subscription.Advance(Note);
            if (isLast && handed == 0)
                break;
        }
        while (true);
        await writing;

        var all = await log.Database.Query<long[]>("SELECT array_agg(seq_id ORDER BY seq_id) FROM events.mt_events");
        all.Length.ShouldBe(300);
        (await Handled()).ShouldBe(all);
    }

    [Fact]
    public async Task a_subscriber_needs_no_second_connection_while_it_holds_its_own()
    {
        await Append(portfolioId: 1, count: 3);
        var one = new NpgsqlConnectionStringBuilder(log.Database.ConnectionString) { MaxPoolSize = 1, Timeout = 2 };
        await using var source = NpgsqlDataSource.Create(one);

        (await new Subscription(source, "reader").Advance(Note)).ShouldBe(3);
    }

    private Subscription Subscribe(int batchSize = 500) => new(log.Source, "reader", batchSize);

    private Task<IReadOnlyList<long>> Append(int portfolioId, int count) =>
        log.Append([.. Enumerable.Range(1, count).Select(n => Deposit(portfolioId, n))]);

    private static async Task Note(
        IReadOnlyList<StoredEvent> events, NpgsqlTransaction transaction, CancellationToken cancel)
    {
        await using var insert = new NpgsqlCommand(
            "INSERT INTO handled (seq_id) SELECT unnest($1::bigint[])", transaction.Connection, transaction);
        insert.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. events.Select(e => e.Sequence)] });
        await insert.ExecuteNonQueryAsync(cancel);
    }

    private async Task<long[]> Handled() => await log.Database.Query<long[]>(
        "SELECT coalesce(array_agg(seq_id ORDER BY place), '{}') FROM handled");
}

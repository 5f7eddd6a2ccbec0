using Bifrost.EventStore;
using Bifrost.Grains;
using JasperFx;
using Marten;
using Npgsql;

namespace Bifrost.Customer.Tests;

/// <summary>
/// A program that has only Marten reads the ledger's log, follows it and makes tables of it, as a role that may read.
/// </summary>
public sealed class CustomerTests : IAsyncLifetime
{
    private const int Portfolios = 200;
    private const int Callers = 128;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly TwoLedgers ledgers = new();

    private string AsReader =>
        ModuleRoles.As("analytics_service_user", ledgers.Database.ConnectionString, "").ConnectionString;

    public async Task InitializeAsync()
    {
        await ledgers.InitializeAsync();
        await using var owner = CustomerStore.Open(
            ledgers.Database.ConnectionString, create: AutoCreate.CreateOrUpdate);
        await Execute("CREATE SCHEMA customer; CREATE TABLE customer.seen (place bigserial, seq_id bigint)");
        await owner.Store.Storage.Database.EnsureStorageExistsAsync(typeof(CashBook));
        await Execute(
            """
            GRANT USAGE ON SCHEMA customer TO analytics_service_user;
            GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA customer TO analytics_service_user;
            GRANT USAGE ON ALL SEQUENCES IN SCHEMA customer TO analytics_service_user
            """);
    }

    public Task DisposeAsync() => ledgers.DisposeAsync();

    [Fact]
    public async Task a_stream_is_read_and_aggregated_live()
    {
        var portfolio = await ledgers.One.OpenPortfolio(cash: 100m);
        await ledgers.One.Withdraw(portfolio, 30m);
        await using var customer = CustomerStore.Open(AsReader);
        await using var session = customer.Store.QuerySession();

        var events = await session.Events.FetchStreamAsync($"funding-{portfolio}");
        var state = await session.Events.FetchStreamStateAsync($"funding-{portfolio}");
        var book = await session.Events.AggregateStreamAsync<CashBook>($"funding-{portfolio}");

        events.Select(e => (e.Version, e.EventTypeName, e.UserName))
            .ShouldBe([(1, "cash_deposited", "tester"), (2, "cash_withdrawn", "tester")]);
        state!.Version.ShouldBe(2);
        (book!.Total, book.Movements).ShouldBe((70m, 2));
    }

    // A hundred thousand events or more, written by two processes at once while the daemon follows; it is stopped in
    // the middle and goes on in another store, as after a restart.
    [Fact]
    public async Task the_daemon_misses_doubles_and_disorders_none_of_100_000_events_written_under_load()
    {
        var portfolios = await Task.WhenAll(Enumerable.Range(0, Portfolios).Select(_ => ledgers.One.OpenPortfolio()));
        var writing = Write(portfolios, commands: 100_000);
        await Follow(until: _ => Task.FromResult(writing.IsCompleted || Seen() > 20_000));
        await Follow(until: async last => writing.IsCompleted && last >= await LastSequence());
        await writing;

        var expected = await ledgers.Database.Query<long[]>(
            """
            SELECT array_agg(seq_id ORDER BY seq_id) FROM events.mt_events
            WHERE type IN ('cash_deposited', 'cash_withdrawn')
            """);
        expected.Length.ShouldBeGreaterThanOrEqualTo(100_000);
        (await ledgers.Database.Query<long[]>("SELECT array_agg(seq_id ORDER BY place) FROM customer.seen"))
            .ShouldBe(expected);
        (await ledgers.Database.Query<long>(
            """
            SELECT count(*) FROM portfolio p LEFT JOIN customer.mt_doc_cashbook c ON c.id = 'funding-' || p.portfolio_id
            WHERE (c.data ->> 'total')::numeric IS DISTINCT FROM p.cash_balance
            """)).ShouldBe(0);
    }

    private async Task Write(int[] portfolios, int commands)
    {
        var done = 0;
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(async caller =>
        {
            var random = new Random(caller);
            var ledger = caller % 2 == 0 ? ledgers.One : ledgers.Other;
            // Each process has portfolios of its own, but for some that both write to.
            var mine = portfolios.Where((_, i) => i % 2 == caller % 2 || i < 4).ToArray();
            while (Interlocked.Increment(ref done) <= commands)
                await ledger.Deposit(mine[random.Next(mine.Length)], random.Next(1, 1_000) / 100m);
        }));
    }

    private async Task Follow(Func<long, Task<bool>> until)
    {
        await using var customer = CustomerStore.Open(AsReader, new Deposits());
        using var daemon = await customer.Store.BuildProjectionDaemonAsync();
        await daemon.StartAllAsync();
        await Eventually.Is(
            async () => await until(await Progress(customer)), Patience, () => "The daemon does not come to the end.");
        await daemon.StopAllAsync();
    }

    private static async Task<long> Progress(CustomerStore customer)
    {
        var all = await customer.Store.Advanced.AllProjectionProgress();
        var shards = all.Where(shard => shard.ShardName != "HighWaterMark").ToList();
        return shards.Count < 2 ? 0 : shards.Min(shard => shard.Sequence);
    }

    private long Seen() => ledgers.Database.Query<long>("SELECT count(*) FROM customer.seen").Result;

    private Task<long> LastSequence() => ledgers.Database.Query<long>("SELECT max(seq_id) FROM events.mt_events");

    private async Task Execute(string sql)
    {
        await using var owner = new NpgsqlConnection(ledgers.Database.ConnectionString);
        await owner.OpenAsync();
        await using var command = new NpgsqlCommand(sql, owner);
        await command.ExecuteNonQueryAsync();
    }
}

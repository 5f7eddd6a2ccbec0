using Bifrost.Domain.Funding;
using JasperFx.Events;
using Marten;
using Npgsql;
using static Bifrost.EventStore.Tests.OwnLog;

namespace Bifrost.EventStore.Tests;

/// <summary>
/// What is appended past the ledger would be in no portfolio's history; the database refuses it to everybody else.
/// </summary>
public sealed class PlainAppendTests(OwnLog log) : IClassFixture<OwnLog>
{
    [Theory]
    [InlineData(EventAppendMode.Quick)]
    [InlineData(EventAppendMode.Rich)]
    public async Task an_append_of_martens_to_a_stream_of_the_ledger_is_refused_and_says_why(EventAppendMode mode)
    {
        var portfolio = 410 + (int)mode;
        await log.Append(Deposit(portfolio, 1));
        using var store = Store(mode);
        await using var session = store.LightweightSession();
        session.Events.Append($"funding-{portfolio}", new CashDeposited
        {
            PortfolioId = portfolio, OccurredAt = Noon, FundingId = 2, Amount = 1m,
        });

        var refused = await Should.ThrowAsync<Exception>(() => session.SaveChangesAsync());

        Postgres(refused).MessageText.ShouldBe(
            $"An event of funding-{portfolio} is refused: only the ledger appends to its streams");
        // The portfolio goes on where it was.
        await log.Append(Deposit(portfolio, 2));
        (await log.Log.ReadStream($"funding-{portfolio}").CountAsync()).ShouldBe(2);
    }

    [Fact]
    public async Task an_event_that_is_inserted_by_sql_is_refused_to_the_owner_too()
    {
        await log.Append(Deposit(402, 1));

        var refused = await Should.ThrowAsync<PostgresException>(() => log.Execute(
            """
            INSERT INTO events.mt_events (seq_id, id, stream_id, version, data, type)
            SELECT nextval('events.mt_events_sequence'), gen_random_uuid(), 'funding-402', 2, '{}', 'cash_deposited'
            """));

        refused.MessageText.ShouldStartWith("An event of funding-402 is refused");
    }

    [Fact]
    public async Task events_that_stand_around_those_of_the_ledger_are_not_taken_for_them()
    {
        await log.Execute("SELECT nextval('events.mt_events_sequence')");
        var counted = await log.Append(Deposit(403, 1), Deposit(403, 2));

        // As many as the ledger has between the first and the last of them.
        var refused = await Should.ThrowAsync<PostgresException>(() => log.Execute(
            $"""
            INSERT INTO events.mt_events (seq_id, id, stream_id, version, data, type)
            SELECT seq_id, gen_random_uuid(), 'funding-403', 3 + ordinality, '{"{}"}', 'cash_deposited'
            FROM unnest(ARRAY[{counted[0] - 1}, nextval('events.mt_events_sequence')]) WITH ORDINALITY AS u (seq_id)
            """));

        refused.MessageText.ShouldStartWith("An event of funding-403 is refused");
    }

    [Theory]
    [InlineData("portfolio-7")]
    [InlineData("order-7")]
    [InlineData("holding-7-BRK.B")]
    [InlineData("trade-7")]
    public async Task every_kind_of_stream_is_guarded(string stream)
    {
        using var store = Store(EventAppendMode.Quick);
        await using var session = store.LightweightSession();
        session.Events.Append(stream, new Noted("x"));

        Postgres(await Should.ThrowAsync<Exception>(() => session.SaveChangesAsync())).SqlState
            .ShouldBe(PostgresErrorCodes.RestrictViolation);
    }

    [Fact]
    public async Task streams_of_another_name_are_free_for_plain_aggregates()
    {
        using var store = Store(EventAppendMode.Quick);
        await using (var session = store.LightweightSession())
        {
            session.Events.Append("strategy-1", new Noted("one"), new Noted("two"));
            await session.SaveChangesAsync();
        }

        await using var reads = store.QuerySession();
        (await reads.Events.FetchStreamAsync("strategy-1")).Select(e => ((Noted)e.Data).Text).ShouldBe(["one", "two"]);
    }

    private DocumentStore Store(EventAppendMode mode) => DocumentStore.For(options =>
    {
        options.Connection(log.Database.ConnectionString);
        LedgerStore.Configure(options);
        options.Events.AppendMode = mode;
    });

    private static PostgresException Postgres(Exception failure)
    {
        for (var e = failure; e is not null; e = e.InnerException)
        {
            if (e is PostgresException postgres)
                return postgres;
        }
        throw failure;
    }

    public sealed record Noted(string Text);
}

using Bifrost.Domain;
using Bifrost.Domain.Portfolios;
using Npgsql;
using static Bifrost.EventStore.Tests.OwnLog;

namespace Bifrost.EventStore.Tests;

public sealed class AppendTests(OwnLog log) : IClassFixture<OwnLog>
{
    [Fact]
    public async Task a_batch_writes_several_streams_of_several_portfolios_in_its_order()
    {
        var sequences = await log.Append(
            Fact(Opened(101), 1, 1), Deposit(101, 1, 2), Fact(Opened(102), 1, 1), Deposit(101, 2, 3));

        sequences.ShouldBe([.. Enumerable.Range(0, 4).Select(i => sequences[0] + i)]);
        (await log.Rows("SELECT id, type, version FROM events.mt_streams WHERE id LIKE '%-10_' ORDER BY id"))
            .ShouldBe(["(funding-101,funding,2)", "(portfolio-101,portfolio,1)", "(portfolio-102,portfolio,1)"]);
        (await log.Rows(
            $"""
            SELECT e.stream_id, e.version, p.portfolio_id, p.version, e.seq_id - {sequences[0]}
            FROM events.mt_events e JOIN ledger.portfolio_event p USING (seq_id)
            WHERE p.portfolio_id IN (101, 102) ORDER BY e.seq_id
            """))
            .ShouldBe([
                "(portfolio-101,1,101,1,0)",
                "(funding-101,1,101,2,1)",
                "(portfolio-102,1,102,1,2)",
                "(funding-101,2,101,3,3)",
            ]);
    }

    [Fact]
    public async Task an_event_carries_who_why_when_and_what_a_marten_program_looks_up()
    {
        await log.Append(Deposit(111, 1));

        (await log.Rows(
            """
            SELECT version, type, data, bdata, timestamp AT TIME ZONE 'UTC', tenant_id, correlation_id, causation_id,
                   headers, user_name, mt_dotnet_type, is_archived
            FROM events.mt_events WHERE stream_id = 'funding-111'
            """))
            .ShouldHaveSingleItem().ShouldBe(
                """
                (1,cash_deposited,"{""amount"": 1, ""fundingId"": 1, ""occurredAt"": ""2026-03-02T12:00:00+00:00"",
                 ""portfolioId"": 111}",,"2026-03-02 12:01:00",*DEFAULT*,trace-1,command:1,
                ,tester,"Bifrost.Domain.Funding.CashDeposited, Bifrost.Domain",f)
                """.ReplaceLineEndings(""));
    }

    [Fact]
    public async Task event_ids_sort_by_the_time_of_recording()
    {
        await log.Append([.. Enumerable.Range(1, 20).Select(n => Deposit(121, n))]);

        var ids = await log.Rows("SELECT id FROM events.mt_events WHERE stream_id = 'funding-121' ORDER BY version");
        ids.ShouldBe(ids.Order(StringComparer.Ordinal));
        ids.ShouldAllBe(id => id[15] == '7');
    }

    [Fact]
    public async Task a_stream_keeps_when_it_began_and_moves_its_version_and_time()
    {
        await log.Append(Deposit(131, 1));
        await log.Append(Deposit(131, 2), Deposit(131, 3));

        (await log.Rows(
            """
            SELECT version, created AT TIME ZONE 'UTC', timestamp AT TIME ZONE 'UTC', tenant_id, is_archived
            FROM events.mt_streams WHERE id = 'funding-131'
            """))
            .ShouldBe(["(3,\"2026-03-02 12:01:00\",\"2026-03-02 12:03:00\",*DEFAULT*,f)"]);
    }

    [Fact]
    public async Task a_stream_version_that_is_taken_fails_and_leaves_nothing()
    {
        await log.Append(Deposit(141, 1), Deposit(141, 2));
        var before = await Everything();

        var refused = await Should.ThrowAsync<PostgresException>(() => log.Append(Deposit(142, 1), Deposit(141, 2, 3)));

        (refused.SqlState, refused.ConstraintName)
            .ShouldBe((PostgresErrorCodes.UniqueViolation, AppendEvents.StreamConstraint));
        (await Everything()).ShouldBe(before);
    }

    [Fact]
    public async Task a_portfolio_version_that_is_taken_fails_and_leaves_nothing()
    {
        await log.Append(Fact(Opened(151), 1, 1), Deposit(151, 1, 2));
        var before = await Everything();

        var refused = await Should.ThrowAsync<PostgresException>(() => log.Append(Deposit(152, 1), Deposit(151, 2, 2)));

        (refused.SqlState, refused.ConstraintName)
            .ShouldBe((PostgresErrorCodes.UniqueViolation, AppendEvents.FenceConstraint));
        (await Everything()).ShouldBe(before);
    }

    [Fact]
    public async Task of_two_writers_at_once_one_is_refused()
    {
        await log.Append(Deposit(161, 1));

        var writes = await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
        {
            try
            {
                await log.Append(Deposit(161, 2));
                return null;
            }
            catch (PostgresException e)
            {
                return e.ConstraintName;
            }
        }));

        writes.Count(refused => refused is null).ShouldBe(1);
        writes.Where(refused => refused is not null).Distinct()
            .ShouldBeSubsetOf([AppendEvents.StreamConstraint, AppendEvents.FenceConstraint]);
    }

    private static PortfolioOpened Opened(int portfolioId) => new()
    {
        PortfolioId = portfolioId,
        OccurredAt = Noon,
        UserId = 1,
        Name = "Growth",
        Currency = "USD",
        LotMethod = LotMethod.FIFO,
        AllowShort = false,
        AllowOverdraft = false,
        CashBalanceId = 1,
    };

    private Task<IReadOnlyList<string>> Everything() => log.Rows(
        """
        SELECT (SELECT array_agg(s ORDER BY id) FROM events.mt_streams s),
               (SELECT array_agg(seq_id ORDER BY seq_id) FROM events.mt_events),
               (SELECT array_agg(p ORDER BY seq_id) FROM ledger.portfolio_event p)
        """);
}

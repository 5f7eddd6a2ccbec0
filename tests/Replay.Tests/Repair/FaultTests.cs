using Bifrost.Domain;
using Bifrost.EventStore;
using Bifrost.Grains;
using Bifrost.Replay.Explaining;
using Bifrost.Replay.Repair;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Bifrost.Replay.Tests.Repair;

/// <summary>
/// What only a superuser can do to a history stops its portfolio and no other, is shown with what can be done, and once
/// it is undone the next command works.
/// </summary>
public sealed class FaultTests(TwoLedgers ledgers) : IClassFixture<TwoLedgers>
{
    // $P is the portfolio. Its events: opened, deposited, bought (with its round trip), sold (with it), deposited.
    public static TheoryData<HistoryFault, string> Faults() => new()
    {
        { HistoryFault.UnknownType, Set("type = 'cash_teleported'", "funding-$P", 1) },
        { HistoryFault.Unreadable, Set("data = data - 'fundingId'", "funding-$P", 1) },
        { HistoryFault.Unreadable, Set("data = 'null'", "funding-$P", 2) },
        { HistoryFault.Unreadable, Set("data = data || '{\"amount\": \"much\"}'", "funding-$P", 1) },
        { HistoryFault.CannotFollow, Set("data = data || '{\"currency\": \"XXX\"}'", "portfolio-$P", 1) },
        { HistoryFault.CannotFollow, Set("data = jsonb_set(data, '{matches,0,lotId}', '0')", "holding-$P-ORCL", 2) },
        { HistoryFault.CannotFollow, Set("data = data || '{\"symbol\": null}'", "funding-$P", 1)
            + Set("data = data || '{\"matches\": [null]}'", "holding-$P-ORCL", 2) },
        { HistoryFault.Gap, "DELETE FROM ledger.portfolio_event WHERE portfolio_id = $P AND version = 3" },
        { HistoryFault.Gap, Set("version = 7", "funding-$P", 2) },
        { HistoryFault.Missing, "DELETE FROM events.mt_events WHERE stream_id = 'funding-$P' AND version = 2" },
        { HistoryFault.Foreign, Set("data = data || '{\"portfolioId\": 1000000}'", "funding-$P", 2) },
        { HistoryFault.Foreign, Set("stream_id = 'funding-1000000'", "funding-$P", 2) },
        {
            HistoryFault.Uncounted,
            """
            INSERT INTO events.mt_events (seq_id, id, stream_id, version, data, type)
            SELECT nextval('events.mt_events_sequence'), gen_random_uuid(), stream_id, 3, data, type
            FROM events.mt_events WHERE stream_id = 'funding-$P' AND version = 2
            """
        },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task a_fault_stops_its_portfolio_and_no_other_until_it_is_undone(HistoryFault fault, string tamper)
    {
        var (sick, well) = (await TradedPortfolio(), await ledgers.One.OpenPortfolio(cash: 1m));
        (await Inspect(sick)).ShouldBeEmpty();
        await Keep();
        await Tamper(tamper, sick);
        var heard = new Heard();
        await using var ledger = await Open(heard);

        foreach (var _ in Enumerable.Range(0, 3))
            await Should.ThrowAsync<PortfolioStoppedException>(() => ledger.Deposit(sick, 1m));
        (await ledger.Deposit(well, 1m)).Rejection.ShouldBeNull();
        ledger.StoppedPortfolios.Keys.ShouldBe([sick]);
        ledger.StoppedPortfolios[sick].ShouldNotContain("Bifrost.");
        heard.Errors.ShouldHaveSingleItem().ShouldContain($"Portfolio {sick} has stopped");
        var found = (await Inspect(null)).Where(finding => finding.Fault == fault).ShouldHaveSingleItem();
        found.Advice[^1].ShouldContain("Never delete");

        await Undo(sick);
        (await ledger.Deposit(sick, 1m)).Rejection.ShouldBeNull();
        ledger.StoppedPortfolios.ShouldBeEmpty();
        (await Inspect(null)).ShouldBeEmpty();
        await ledgers.ShouldEqualItsReplay();
    }

    [Fact]
    public async Task a_finding_shows_the_event_as_it_is_stored_and_the_last_good_one()
    {
        var sick = await TradedPortfolio();
        await Keep();
        await Tamper(Set("type = 'cash_teleported'", "funding-$P", 2), sick);

        var finding = (await Inspect(sick)).ShouldHaveSingleItem();
        await Undo(sick);

        (finding.PortfolioId, finding.Fault, finding.LastGoodVersion).ShouldBe((sick, HistoryFault.UnknownType, 6));
        var row = finding.Row.ShouldNotBeNull();
        (row.Sequence, row.Stream, row.Version, row.Type)
            .ShouldBe((finding.Sequence!.Value, $"funding-{sick}", 2, "cash_teleported"));
        finding.LastGoodSequence.ShouldBe(row.Sequence - 1);
        row.Data.ShouldContain("\"amount\": 5");
        finding.Reason.ShouldContain("cash_teleported");
        finding.Advice[0].ShouldContain(row.DotnetType!);
    }

    [Fact]
    public async Task what_was_before_a_fault_is_explained_all_the_same()
    {
        var sick = await TradedPortfolio();
        await Keep();
        await Tamper(Set("type = 'cash_teleported'", "funding-$P", 2), sick);
        var last = (await Inspect(sick)).ShouldHaveSingleItem().LastGoodSequence;
        var explainer = new Explainer(ledgers.Reads);

        var before = await explainer.Explain(new Question(sick, ExplainedField.Cash, Sequence: last));
        await Should.ThrowAsync<UnknownEventException>(
            () => explainer.Explain(new Question(sick, ExplainedField.Cash)));
        await Undo(sick);

        before.ShouldBeOfType<Explained.Found>().Explanation.Value.ShouldBe(1_000m);
    }

    [Fact]
    public async Task the_statement_to_compare_with_can_be_run_as_it_is()
    {
        var sick = await TradedPortfolio();
        await Keep();
        await Tamper("DELETE FROM events.mt_events WHERE stream_id = 'funding-$P' AND version = 2", sick);

        var finding = (await Inspect(sick)).ShouldHaveSingleItem();
        var statement = finding.Advice.Single(line => line.Contains("psql -c", StringComparison.Ordinal)).Split('"')[1];
        await using var command = ledgers.Reads.CreateCommand(statement);
        await using (var reader = await command.ExecuteReaderAsync())
            (await reader.ReadAsync()).ShouldBeTrue();
        await Undo(sick);

        finding.Row.ShouldBeNull();
        finding.Reason.ShouldContain($"{finding.Sequence}");
    }

    private async Task<int> TradedPortfolio()
    {
        var id = await ledgers.One.OpenPortfolio(cash: 1_000m);
        foreach (var (name, side) in new[] { ("B-1", OrderSide.BUY), ("B-2", OrderSide.SELL) })
        {
            await ledgers.One.Do(id, new RecordExecution
            {
                ExecutionId = name, Symbol = "ORCL", Side = side, Quantity = 2m, Price = 10m,
            });
        }
        await ledgers.One.Deposit(id, 5m);
        return id;
    }

    private async Task<IReadOnlyList<Finding>> Inspect(int? portfolioId) =>
        (await new Inspection(ledgers.Reads).Run(portfolioId)).Findings;

    private static string Set(string change, string stream, int version) =>
        $"UPDATE events.mt_events SET {change} WHERE stream_id = '{stream}' AND version = {version}; ";

    private Task<Ledger> Open(Heard heard) =>
        Ledger.Start(new LedgerOptions(ledgers.Database.ConnectionString), logger: heard);

    private Task Keep() => Tamper(
        """
        DROP TABLE IF EXISTS kept_event, kept_place;
        CREATE TABLE kept_event AS TABLE events.mt_events;
        CREATE TABLE kept_place AS TABLE ledger.portfolio_event
        """,
        0);

    // As an operator would: each event under its own id and sequence.
    private Task Undo(int portfolioId) => Tamper(
        """
        DELETE FROM events.mt_events e USING kept_event k WHERE e.seq_id = k.seq_id AND e IS DISTINCT FROM k;
        DELETE FROM events.mt_events WHERE seq_id NOT IN (SELECT seq_id FROM ledger.portfolio_event)
            AND seq_id NOT IN (SELECT seq_id FROM kept_event);
        INSERT INTO events.mt_events SELECT * FROM kept_event ON CONFLICT DO NOTHING;
        INSERT INTO ledger.portfolio_event SELECT * FROM kept_place WHERE portfolio_id = $P ON CONFLICT DO NOTHING
        """,
        portfolioId);

    // Without triggers, as nobody else can.
    private async Task Tamper(string sql, int portfolioId)
    {
        await using var superuser = new NpgsqlConnection(ledgers.Database.SuperuserConnectionString);
        await superuser.OpenAsync();
        var statement = sql.Replace("$P", $"{portfolioId}", StringComparison.Ordinal);
        await using var change = new NpgsqlCommand($"SET session_replication_role = replica; {statement}", superuser);
        (await change.ExecuteNonQueryAsync()).ShouldNotBe(0);
    }

    private sealed class Heard : ILogger<Ledger>
    {
        private readonly List<string> errors = [];

        public IReadOnlyList<string> Errors
        {
            get
            {
                lock (errors)
                    return [.. errors];
            }
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            lock (errors)
            {
                if (logLevel >= LogLevel.Error)
                    errors.Add(formatter(state, exception));
            }
        }
    }
}

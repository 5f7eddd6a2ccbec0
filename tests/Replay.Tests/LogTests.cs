using Bifrost.Replay.Verifying;
using Npgsql;

namespace Bifrost.Replay.Tests;

/// <summary>What only a superuser can do to the log is found all the same.</summary>
public sealed class LogTests(TwoLedgers ledgers) : IClassFixture<TwoLedgers>
{
    [Fact]
    public async Task an_event_that_is_in_no_history_of_a_portfolio_is_found()
    {
        var last = (await ledgers.One.Deposit(await ledgers.One.OpenPortfolio(), 5m)).Sequence;

        await Tamper($"DELETE FROM ledger.portfolio_event WHERE seq_id = {last}");

        (await Found()).ShouldContain(new Difference("mt_events", last, "in the history of a portfolio", "no", "yes"));
    }

    [Fact]
    public async Task an_event_that_was_taken_out_of_the_log_is_found()
    {
        var portfolio = await ledgers.One.OpenPortfolio();
        var last = (await ledgers.One.Deposit(portfolio, 5m)).Sequence;

        await Tamper($"DELETE FROM events.mt_events WHERE seq_id = {last}");

        var found = await Found();
        found.ShouldContain(new Difference("portfolio_event", last, "in the log", "no", "yes"));
        found.ShouldContain(difference => difference.Column == $"funding-{portfolio} version");
        found.ShouldContain(new Difference("portfolio", portfolio, "cash_balance", "5", "0"));
    }

    [Fact]
    public async Task a_stream_that_claims_another_length_is_found()
    {
        var portfolio = await ledgers.One.OpenPortfolio(cash: 5m);

        await Tamper($"UPDATE events.mt_streams SET version = 7 WHERE id = 'funding-{portfolio}'");

        (await Found()).ShouldContain(difference =>
            difference.Table == "mt_streams" && difference.Column == $"funding-{portfolio} version"
            && difference.Live == "7" && difference.Replayed == "1");
    }

    [Fact]
    public async Task an_event_that_was_changed_is_found_in_what_it_made()
    {
        var portfolio = await ledgers.One.OpenPortfolio();
        var last = (await ledgers.One.Deposit(portfolio, 5m)).Sequence;

        await Tamper($"UPDATE events.mt_events SET data = data || '{{\"amount\": 6}}' WHERE seq_id = {last}");

        (await Found()).ShouldContain(new Difference("portfolio", portfolio, "cash_balance", "5", "6"));
    }

    private async Task<IReadOnlyList<Difference>> Found() =>
        (await new Verification(ledgers.Reads).Run(null)).Differences;

    // Without triggers, as nobody else can.
    private async Task Tamper(string sql)
    {
        await using var superuser = new NpgsqlConnection(ledgers.Database.SuperuserConnectionString);
        await superuser.OpenAsync();
        await using var change = new NpgsqlCommand($"SET session_replication_role = replica; {sql}", superuser);
        await change.ExecuteNonQueryAsync();
    }
}

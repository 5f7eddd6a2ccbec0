using Bifrost.EventStore;
using Npgsql;

namespace Bifrost.Audit.Tests.Chains;

/// <summary>
/// Whoever has the writer's login can insert receipts, so that a command is answered as done and nothing is booked:
/// what no command of the log left is found by both verifications.
/// </summary>
public sealed class ReceiptTests(AuditedLedger ledger) : IClassFixture<AuditedLedger>, IAsyncLifetime
{
    // A receipt as the last one of a portfolio is, but for what is put in the place of $KEY, $VERSION and $AT.
    private const string Planted =
        """
        INSERT INTO ledger.command_receipt (key, fingerprint, portfolio_id, portfolio_version, answer, recorded_at)
        SELECT $KEY, r.fingerprint, r.portfolio_id, $VERSION, r.answer, $AT
        FROM ledger.command_receipt r WHERE r.portfolio_id = $PORTFOLIO ORDER BY r.portfolio_version DESC LIMIT 1
        """;

    public Task InitializeAsync() => ledger.Tamper(
        "CREATE TABLE IF NOT EXISTS kept_receipt AS TABLE ledger.command_receipt");

    public Task DisposeAsync() => ledger.Tamper(
        "TRUNCATE ledger.command_receipt; INSERT INTO ledger.command_receipt TABLE kept_receipt");

    [Theory]
    [InlineData("'key:ann:withdraw-1'", "r.portfolio_version", "r.recorded_at")]
    [InlineData("'key:ann:withdraw-1'", "r.portfolio_version", "now()")]
    [InlineData("'key:ann:withdraw-1'", "r.portfolio_version + 1", "r.recorded_at")]
    [InlineData("'key:ann:withdraw-1'", "0", "r.recorded_at")]
    [InlineData("'key:ann:withdraw-1'", "-1", "r.recorded_at")]
    [InlineData("'client-order:' || r.portfolio_id || ':C-9'", "r.portfolio_version", "r.recorded_at")]
    [InlineData("'execution:1:X-99'", "r.portfolio_version", "r.recorded_at")]
    [InlineData("'portfolio-execution:' || r.portfolio_id || ':X-99'", "r.portfolio_version", "r.recorded_at")]
    public async Task a_planted_receipt_is_found_by_both_verifications(string key, string version, string at)
    {
        (await ledger.Verify()).Faults.ShouldBe(0);

        await AsWriter(Planted.Replace("$KEY", key).Replace("$VERSION", version).Replace("$AT", at));

        var audited = await ledger.Verify();
        audited.Faults.ShouldBe(1);
        audited.Findings[0].Problem.ShouldContain("receipt");
        foreach (var portfolio in (int?[])[null, ledger.Traded.Busy])
        {
            (await ledger.Traded.Verify(portfolio)).Differences.ShouldHaveSingleItem().Table
                .ShouldBe("command_receipt");
        }
    }

    [Theory]
    [InlineData("portfolio_version = portfolio_version - 1")]
    [InlineData("recorded_at = recorded_at + interval '1 second'")]
    [InlineData("portfolio_id = portfolio_id + 1")]
    public async Task a_receipt_that_was_changed_is_found(string change)
    {
        await ledger.Tamper(
            $"UPDATE ledger.command_receipt SET {change} WHERE key = (SELECT max(key) FROM ledger.command_receipt)");

        (await ledger.Verify()).Findings.ShouldHaveSingleItem().Problem.ShouldContain("receipt");
    }

    private async Task AsWriter(string sql)
    {
        await using var writer = NpgsqlDataSource.Create(
            ModuleRoles.As(ModuleRoles.LedgerWriter, ledger.Traded.Database.ConnectionString, ""));
        await using var command = writer.CreateCommand(
            sql.Replace("$PORTFOLIO", $"{ledger.Traded.Busy}", StringComparison.Ordinal));
        (await command.ExecuteNonQueryAsync()).ShouldBe(1);
    }
}

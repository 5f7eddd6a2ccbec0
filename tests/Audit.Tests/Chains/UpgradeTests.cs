using Bifrost.Audit.Chains;
using Bifrost.EventStore;
using Npgsql;

namespace Bifrost.Audit.Tests.Chains;

/// <summary>A log from before there were hashes gets them when the schema is upgraded.</summary>
public sealed class UpgradeTests
{
    private static readonly string[] Since =
    [
        "ledger/0006_hash_chain.sql", "ledger/0007_log_identity.sql", "ledger/0008_access.sql",
        "ledger/0009_history.sql", "ledger/0010_module_roles.sql", "ledger/0011_marten.sql",
        "ledger/0012_cluster_membership.sql", "ledger/0013_short_expressions.sql",
        "ledger/0014_only_the_writer_appends.sql", "ledger/0015_rights.sql", "ledger/0016_turns_of_the_writer.sql",
        "ledger/0017_instruments.sql", "ledger/0018_facts.sql", "ledger/0019_decimals_and_multipliers.sql",
        "ledger/0020_currencies.sql",
        "timescale/0007_module_roles.sql", "timescale/0008_turns_of_bars.sql", "timescale/0009_longer_symbols.sql",
        "timescale/0010_sessions.sql", "timescale/0011_marks_after_splits.sql",
        "timescale/0012_marks_of_fine_prices.sql",
    ];

    private const string Events =
        """
        INSERT INTO events.mt_events (seq_id, id, stream_id, version, data, type, timestamp, user_name, causation_id)
        SELECT n, gen_random_uuid(), 'funding-' || n % 3, (n + 2) / 3, jsonb_build_object('portfolioId', n % 3, 'é', n),
               'cash_deposited', now() + n * interval '1 second', CASE WHEN n % 2 = 0 THEN 'ann' END, 'key:' || n
        FROM generate_series(1, 30) AS n;
        INSERT INTO ledger.portfolio_event SELECT n % 3, (n + 2) / 3, n FROM generate_series(1, 30) AS n
        """;

    [Fact]
    public async Task events_of_before_are_sealed_as_they_stand()
    {
        await using var database = await OldDatabase();
        await Execute(database, Events);

        await SchemaMigrations.Apply(database.Owner);

        var report = await Verify(database);
        report.Findings.ShouldBeEmpty();
        (report.Events, report.Portfolios).ShouldBe((30, 3));
        (await Should.ThrowAsync<PostgresException>(() => Execute(database, "DELETE FROM ledger.portfolio_event")))
            .SqlState.ShouldBe(PostgresErrorCodes.RestrictViolation);
    }

    [Fact]
    public async Task an_event_that_was_missing_before_is_missing_after()
    {
        await using var database = await OldDatabase();
        await Execute(database, Events);
        await Execute(database, "INSERT INTO ledger.portfolio_event VALUES (1, 11, 31), (1, 12, 32)");

        await SchemaMigrations.Apply(database.Owner);

        (await Verify(database)).Findings.Select(finding => finding.Sequence).ShouldBe([31, 32]);
    }

    private static async Task<EmptyDatabase> OldDatabase()
    {
        var database = await EmptyDatabase.Create();
        await Execute(
            database, "CREATE TABLE schema_migration (name text PRIMARY KEY, applied_at timestamptz DEFAULT now())");
        var assembly = typeof(SchemaMigrations).Assembly;
        var files = assembly.GetManifestResourceNames().Where(name => name.EndsWith(".sql", StringComparison.Ordinal));
        foreach (var file in files.Except(Since).Where(file => !file.StartsWith("messaging/", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal))
        {
            using var text = new StreamReader(assembly.GetManifestResourceStream(file)!);
            await Execute(database, await text.ReadToEndAsync());
            await Execute(database, $"INSERT INTO schema_migration VALUES ('{file}')");
        }
        return database;
    }

    private static Task<AuditReport> Verify(EmptyDatabase database) => new AuditVerification([]).Verify(
        database.Owner, null, new Progress<long>(), CancellationToken.None);

    private static async Task Execute(EmptyDatabase database, string sql)
    {
        await using var command = database.Owner.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}

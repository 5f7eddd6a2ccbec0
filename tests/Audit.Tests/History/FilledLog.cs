using Npgsql;

namespace Bifrost.Audit.Tests.History;

/// <summary>
/// A log of 200,000 events, whose values are common, rare, late or early; made by the database, as no ledger makes them
/// so quickly. Some were recorded by clocks that differ.
/// </summary>
public sealed class FilledLog : IAsyncLifetime
{
    public const int Events = 200_000;

    public static readonly DateTime Noon = new(2026, 3, 2, 12, 0, 0, DateTimeKind.Utc);

    // A command has three events; portfolio 7 has a twentieth of all, the others' shares are alike. The clock of each
    // hundredth command is off by up to a minute, where there is a command a second.
    private const string Fill =
        """
        CREATE TABLE filling AS
        SELECT n, row_number() OVER (PARTITION BY p ORDER BY n) AS version, p
        FROM generate_series(1, 200000) AS n,
             LATERAL (SELECT CASE WHEN n / 3 % 20 = 7 THEN 7 ELSE 10 + n / 3 % 40 END) AS x (p);

        INSERT INTO ledger.portfolio_event (portfolio_id, version, seq_id, hash)
        SELECT p, version, n, sha256(int8send(n)) FROM filling ORDER BY n;

        GRANT SELECT ON filling TO ledger_writer;
        SET ROLE ledger_writer;
        INSERT INTO events.mt_events (
            seq_id, id, stream_id, version, data, type, timestamp, correlation_id, causation_id, user_name)
        SELECT n, gen_random_uuid(), CASE n % 3 WHEN 0 THEN 'portfolio-' || p ELSE 'order-' || n END,
               CASE n % 3 WHEN 0 THEN row_number() OVER (PARTITION BY p, n % 3 ORDER BY n) ELSE 1 END,
               jsonb_build_object('portfolioId', p, 'occurredAt', '2026-03-02T12:00:00Z', 'amount', 1.10),
               CASE WHEN n % 40000 = 1 THEN 'rare' WHEN n > 150000 AND n % 2 = 0 THEN 'late' ELSE 'common' END,
               timestamptz '2026-03-02T12:00Z' + (n / 3) * interval '1 second'
                   + CASE WHEN n / 3 % 100 = 0 THEN (n / 300 % 121 - 60) * interval '1 second' ELSE interval '0' END,
               CASE WHEN n / 3 % 5000 = 7 THEN 'trace-' || n / 15000 % 3 END, 'command:' || n / 3,
               CASE WHEN n % 50000 < 3 THEN 'eve' WHEN n < 90000 THEN 'ann' ELSE 'bob' END
        FROM filling ORDER BY n;
        RESET ROLE;

        INSERT INTO ledger.command_receipt (key, fingerprint, portfolio_id, portfolio_version, answer, recorded_at)
        SELECT 'command:' || n / 3, '', p, max(version), '{}', now() FROM filling GROUP BY n / 3, p;

        DROP TABLE filling;
        ANALYZE;
        SELECT brin_summarize_new_values('events.mt_events_recorded');
        """;

    public TestDatabase Database { get; } = new();

    /// <summary>As the server reads.</summary>
    public NpgsqlDataSource Reads { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        await Database.InitializeAsync();
        Reads = Bifrost.Grains.LedgerConnections.Readers(Database.ConnectionString);
        await using var owner = NpgsqlDataSource.Create(Database.ConnectionString);
        await using var fill = owner.CreateCommand(Fill);
        fill.CommandTimeout = 0;
        await fill.ExecuteNonQueryAsync();
    }

    public async Task DisposeAsync()
    {
        await Reads.DisposeAsync();
        await Database.DisposeAsync();
    }
}

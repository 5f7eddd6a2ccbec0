using Bifrost.Audit.Chains;

namespace Bifrost.Audit.Tests.Chains;

/// <summary>
/// What a superuser does to the log is found: in the database, and in an export where there is none. $N stands for the
/// sequence of the sixth event.
/// </summary>
public sealed class TamperTests(AuditedLedger ledger) : IClassFixture<AuditedLedger>
{
    private const int Place = 5;

    // Computes all hashes of the portfolio of event N anew, as somebody would who knows how.
    internal const string Rewritten =
        """
        UPDATE events.mt_events SET data = jsonb_set(data, '{occurredAt}', '"2020-01-01T00:00:00+00:00"')
        WHERE seq_id = $N;
        DO $$
        DECLARE entry record; previous bytea := decode(repeat('00', 32), 'hex');
        BEGIN
            FOR entry IN SELECT p.portfolio_id, p.version, e AS event
                FROM ledger.portfolio_event p JOIN events.mt_events e USING (seq_id)
                WHERE p.portfolio_id = (SELECT portfolio_id FROM ledger.portfolio_event WHERE seq_id = $N)
                ORDER BY p.version
            LOOP
                previous := ledger.event_hash(previous, entry.portfolio_id, entry.version, entry.event);
                UPDATE ledger.portfolio_event SET hash = previous
                WHERE portfolio_id = entry.portfolio_id AND version = entry.version;
            END LOOP;
        END $$
        """;

    private const string Deleted =
        "DELETE FROM events.mt_events WHERE seq_id = $N; DELETE FROM ledger.portfolio_event WHERE seq_id = $N";

    private const string DeletedTail =
        "DELETE FROM events.mt_events WHERE seq_id >= $N; DELETE FROM ledger.portfolio_event WHERE seq_id >= $N";

    private const string Swapped =
        """
        UPDATE events.mt_events SET seq_id = -1 WHERE seq_id = $N;
        UPDATE events.mt_events SET seq_id = $N WHERE seq_id = $N + 1;
        UPDATE events.mt_events SET seq_id = $N + 1 WHERE seq_id = -1
        """;

    // The places as well, so that each portfolio's chain is what it was, and only the order is another one.
    private const string SwappedWithPlaces =
        $"""
        {Swapped};
        UPDATE ledger.portfolio_event SET seq_id = -1 WHERE seq_id = $N;
        UPDATE ledger.portfolio_event SET seq_id = $N WHERE seq_id = $N + 1;
        UPDATE ledger.portfolio_event SET seq_id = $N + 1 WHERE seq_id = -1
        """;

    private const string Inserted =
        """
        INSERT INTO events.mt_events (seq_id, id, stream_id, version, data, type, timestamp, user_name)
        SELECT -1, gen_random_uuid(), stream_id, 9999, data, type, timestamp, user_name
        FROM events.mt_events WHERE seq_id = $N;
        INSERT INTO ledger.portfolio_event
        SELECT portfolio_id, 9999, -1, hash FROM ledger.portfolio_event WHERE seq_id = $N
        """;

    /// <summary>What is done; and where it is then found by the chains, by anchors alone, and with the tree.</summary>
    public static TheoryData<string, string, string?, string, string> Tampering() => new()
    {
        { "a payload", Change("data = data || '{\"x\": 1}'"), "N", "N", "N" },
        { "a number", Change("data = replace(data::text, '1', '2')::jsonb"), "N", "N", "N" },
        { "a time", Change("timestamp = timestamp - interval '1 microsecond'"), "N", "N", "N" },
        { "an actor", Change("user_name = 'somebody'"), "N", "N", "N" },
        { "a command", Change("causation_id = 'key:other'"), "N", "N", "N" },
        { "a type", Change("type = 'portfolio_closed'"), "N", "N", "N" },
        { "a stream", Change("stream_id = stream_id || '0'"), "N", "N", "N" },
        { "a stream's version", Change("version = version + 900"), "N", "N", "N" },
        { "an id", Change("id = gen_random_uuid()"), "N", "N", "N" },
        { "a hash", "UPDATE ledger.portfolio_event SET hash = sha256('') WHERE seq_id = $N", "N", "N", "N" },
        { "archived", Change("is_archived = true"), "N", "N", "N" },
        { "an event deleted alone", "DELETE FROM events.mt_events WHERE seq_id = $N", "N", "N", "N" },
        { "an event deleted with its place", Deleted, "after N", "after N", "N" },
        { "the tail deleted", DeletedTail, "N", "N", "N" },
        { "two events swapped", Swapped, "N", "N", "N" },
        { "two events swapped with their places", SwappedWithPlaces, "N", "N", "N" },
        { "an event inserted", Inserted, "-1", "-1", "-1" },
        { "the chain written anew", Rewritten, null, "1", "N" },
    };

    [Theory]
    [MemberData(nameof(Tampering))]
    public async Task tampering_is_found_in_the_database(
        string what, string sql, string? byChain, string byAnchor, string byTree)
    {
        try
        {
            await ledger.Tamper(With(sql));

            First(await ledger.Verify(withAnchors: false), what).ShouldBe(Sequence(byChain), what);
            First(await ledger.Verify(withTree: false), what).ShouldBe(Sequence(byAnchor), what);
            First(await ledger.Verify(), what).ShouldBe(Sequence(byTree), what);
        }
        finally
        {
            await ledger.Undo();
        }
    }

    [Fact]
    public async Task a_log_that_nobody_tampered_with_is_verified_whole()
    {
        var report = await ledger.Verify();

        report.Findings.ShouldBeEmpty();
        (report.Events, report.Anchored).ShouldBe((ledger.Sequences.Count, ledger.Sequences.Count));
        (report.Portfolios, report.Anchors).ShouldBe((4, 2));
    }

    private static string Change(string columns) => $"UPDATE events.mt_events SET {columns} WHERE seq_id = $N";

    private string With(string sql) => sql.Replace("$N", $"{ledger.Sequences[Place]}", StringComparison.Ordinal);

    private long? Sequence(string? place) => place switch
    {
        null => null,
        "N" => ledger.Sequences[Place],
        "after N" => ledger.Sequences[Place + 1],
        _ => long.Parse(place, System.Globalization.CultureInfo.InvariantCulture),
    };

    private static long? First(AuditReport report, string what)
    {
        (report.Faults == 0).ShouldBe(report.Findings.Count == 0, what);
        return report.Findings is [var first, ..] ? first.Sequence : null;
    }
}

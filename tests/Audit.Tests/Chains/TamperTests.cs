using Bifrost.Audit.Chains;

namespace Bifrost.Audit.Tests.Chains;

/// <summary>
/// What a superuser does to the log is found: in the database, and in an export where there is none. N stands for the
/// sequence of the sixth event.
/// </summary>
public sealed class TamperTests(AuditedLedger ledger) : IClassFixture<AuditedLedger>
{
    private const int Place = 5;

    // Computes all hashes of the portfolio of event N anew, as somebody would who knows how.
    private const string Rewritten =
        """
        UPDATE events.mt_events SET data = jsonb_set(data, '{occurredAt}', '"2020-01-01T00:00:00+00:00"')
        WHERE seq_id = N;
        DO $$
        DECLARE entry record; previous bytea := decode(repeat('00', 32), 'hex');
        BEGIN
            FOR entry IN SELECT p.portfolio_id, p.version, e AS event
                FROM ledger.portfolio_event p JOIN events.mt_events e USING (seq_id)
                WHERE p.portfolio_id = (SELECT portfolio_id FROM ledger.portfolio_event WHERE seq_id = N)
                ORDER BY p.version
            LOOP
                previous := ledger.event_hash(previous, entry.portfolio_id, entry.version, entry.event);
                UPDATE ledger.portfolio_event SET hash = previous
                WHERE portfolio_id = entry.portfolio_id AND version = entry.version;
            END LOOP;
        END $$
        """;

    private const string Deleted =
        "DELETE FROM events.mt_events WHERE seq_id = N; DELETE FROM ledger.portfolio_event WHERE seq_id = N";

    private const string DeletedTail =
        "DELETE FROM events.mt_events WHERE seq_id >= N; DELETE FROM ledger.portfolio_event WHERE seq_id >= N";

    private const string Swapped =
        """
        UPDATE events.mt_events SET seq_id = -1 WHERE seq_id = N;
        UPDATE events.mt_events SET seq_id = N WHERE seq_id = N + 1;
        UPDATE events.mt_events SET seq_id = N + 1 WHERE seq_id = -1
        """;

    // The places as well, so that each portfolio's chain is what it was, and only the order is another one.
    private const string SwappedWithPlaces =
        $"""
        {Swapped};
        UPDATE ledger.portfolio_event SET seq_id = -1 WHERE seq_id = N;
        UPDATE ledger.portfolio_event SET seq_id = N WHERE seq_id = N + 1;
        UPDATE ledger.portfolio_event SET seq_id = N + 1 WHERE seq_id = -1
        """;

    private const string Inserted =
        """
        UPDATE events.mt_events SET seq_id = seq_id + 1 WHERE seq_id >= 1000000;
        INSERT INTO events.mt_events (seq_id, id, stream_id, version, data, type, timestamp, user_name)
        SELECT -1, gen_random_uuid(), stream_id, 9999, data, type, timestamp, user_name
        FROM events.mt_events WHERE seq_id = N;
        INSERT INTO ledger.portfolio_event
        SELECT portfolio_id, (SELECT max(version) + 1 FROM ledger.portfolio_event p WHERE p.portfolio_id = o.portfolio_id),
               -1, hash
        FROM ledger.portfolio_event o WHERE seq_id = N
        """;

    /// <summary>What is done; and where it is then found by the chains, by anchors alone, and with the tree.</summary>
    public static TheoryData<string, string, string?, string, string> Tampering() => new()
    {
        { "a payload", "UPDATE events.mt_events SET data = data || '{\"x\": 1}' WHERE seq_id = N", "N", "N", "N" },
        { "a number", "UPDATE events.mt_events SET data = replace(data::text, '1', '2')::jsonb WHERE seq_id = N", "N", "N", "N" },
        { "a time", "UPDATE events.mt_events SET timestamp = timestamp - interval '1 microsecond' WHERE seq_id = N", "N", "N", "N" },
        { "an actor", "UPDATE events.mt_events SET user_name = 'somebody' WHERE seq_id = N", "N", "N", "N" },
        { "a command", "UPDATE events.mt_events SET causation_id = 'key:other' WHERE seq_id = N", "N", "N", "N" },
        { "a type", "UPDATE events.mt_events SET type = 'portfolio_closed' WHERE seq_id = N", "N", "N", "N" },
        { "a stream", "UPDATE events.mt_events SET stream_id = stream_id || '0' WHERE seq_id = N", "N", "N", "N" },
        { "a stream's version", "UPDATE events.mt_events SET version = version + 900 WHERE seq_id = N", "N", "N", "N" },
        { "an id", "UPDATE events.mt_events SET id = gen_random_uuid() WHERE seq_id = N", "N", "N", "N" },
        { "a hash", "UPDATE ledger.portfolio_event SET hash = sha256('') WHERE seq_id = N", "N", "N", "N" },
        { "archived", "UPDATE events.mt_events SET is_archived = true WHERE seq_id = N", "N", "N", "N" },
        { "an event deleted alone", "DELETE FROM events.mt_events WHERE seq_id = N", "N", "1", "N" },
        { "an event deleted with its place", Deleted, "after N", "1", "N" },
        { "the tail deleted", DeletedTail, null, "N", "N" },
        { "two events swapped", Swapped, "N", "N", "N" },
        { "two events swapped with their places", SwappedWithPlaces, "N + 1", "1", "N" },
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

            First(await ledger.Verify(withAnchors: false), what).ShouldBe(byChain is null ? null : Sequence(byChain), what);
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

    private string With(string sql) => sql.Replace("N", $"{ledger.Sequences[Place]}", StringComparison.Ordinal)
        .Replace($"I{ledger.Sequences[Place]}", "IN", StringComparison.Ordinal);

    private long Sequence(string place) => place switch
    {
        "N" => ledger.Sequences[Place],
        "N + 1" or "after N" => ledger.Sequences[Place + 1],
        _ => long.Parse(place, System.Globalization.CultureInfo.InvariantCulture),
    };

    private static long? First(AuditReport report, string what)
    {
        (report.Faults == 0).ShouldBe(report.Findings.Count == 0, what);
        return report.Findings is [var first, ..] ? first.Sequence : null;
    }
}

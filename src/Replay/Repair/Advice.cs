using System.Collections.Immutable;
using System.Globalization;
using Bifrost.EventStore;

namespace Bifrost.Replay.Repair;

/// <summary>What an operator can do about a stopped portfolio, by the kind of fault.</summary>
public static class Advice
{
    private const string Cause =
        "The log was changed behind the ledger's back, or a build with a defect wrote it; nothing in the ledger "
        + "changes an event.";

    private const string Superuser = "Only a superuser can: the log refuses changes to everybody else.";

    private const string Sealed =
        "Then run './bifrost audit verify': it tells whether the log is again what it was when it was sealed.";

    private const string Never =
        "Never delete an event, and never renumber one: what came after it was decided with it. The portfolio goes on "
        + "with the next command, without a restart.";

    public static ImmutableArray<string> On(Finding finding) => finding.Fault switch
    {
        HistoryFault.UnknownType =>
        [
            $"Run the build that wrote it, or a newer one: it calls the type {finding.Row?.DotnetType ?? "nothing"}. "
            + "The event is not wrong, this build only does not know it.",
            "If no build of yours ever wrote such a type, somebody else wrote into the log. See it as it is stored: "
            + Psql(OfEvent(finding)),
            Never,
        ],
        HistoryFault.Missing or HistoryFault.Gap =>
        [
            Cause,
            $"See what is there and what is left out: {Psql(Around(finding))}",
            "Restore what is left out from a backup or an export, under its own id and sequence, into "
            + $"events.mt_events, and its place, with its hash, into ledger.portfolio_event. {Superuser}",
            Sealed,
            Never,
        ],
        HistoryFault.Uncounted =>
        [
            Cause,
            $"See it as it is stored: {Psql(OfEvent(finding))}",
            "Compare it with a backup or an export. If it is there, restore its place in ledger.portfolio_event, with "
            + "its hash; if it is not, it was written past the ledger, and whoever did that has to say what it means.",
            Sealed,
            Never,
        ],
        _ =>
        [
            Cause,
            $"Compare it with the same sequence in a backup or an export: {Psql(OfEvent(finding))}",
            $"Restore its columns from there, under its own id {finding.Row?.Id} and sequence {finding.Sequence}. "
            + Superuser,
            Never,
        ],
    };

    private static string Psql(string sql) => $"./bifrost db psql -c \"{sql}\"";

    private static string OfEvent(Finding finding) => string.Create(
        CultureInfo.InvariantCulture,
        $"SELECT * FROM events.mt_events WHERE seq_id = {finding.Sequence ?? 0}");

    private static string Around(Finding finding) => string.Create(
        CultureInfo.InvariantCulture,
        $"""
        SELECT p.version AS place, p.seq_id, e.id, e.stream_id, e.version, e.type, e.data FROM ledger.portfolio_event p
        LEFT JOIN events.mt_events e USING (seq_id)
        WHERE p.portfolio_id = {finding.PortfolioId} AND p.version >= {finding.LastGoodVersion}
        ORDER BY p.version LIMIT 5
        """).ReplaceLineEndings(" ");
}

using Npgsql;
using NpgsqlTypes;

namespace Bifrost.Audit.History;

/// <summary>The statements that serve a filter.</summary>
internal static class HistorySql
{
    // The rows of a type come by (type, seq_id): compared as a pair they have no other index that has their order, so
    // the one of the sequence alone is not taken, whose rows would be looked at and passed over.
    private static readonly Dictionary<HistoryWay, (string Rows, string Order)> Sources = new()
    {
        [HistoryWay.Command] = (
            """
            effect JOIN events.mt_events e ON e.seq_id = effect.seq_id + 0
            WHERE effect.seq_id > @above AND effect.seq_id <= @through
            """,
            "effect.seq_id"),
        // Its index has those alone that have one, which a comparison of pairs does not say to the planner.
        [HistoryWay.Correlation] = Pair("correlation_id", "correlation", " AND e.correlation_id IS NOT NULL"),
        [HistoryWay.Stream] = (
            """
            events.mt_events e
            WHERE e.stream_id = @stream AND e.version > @streamAbove AND e.version <= @streamThrough
            """,
            "e.version"),
        [HistoryWay.Portfolio] = (
            """
            ledger.portfolio_event p JOIN events.mt_events e ON e.seq_id = p.seq_id
            WHERE p.portfolio_id = @portfolio AND p.version > @portfolioAbove AND p.version <= @portfolioThrough
            """,
            "p.version"),
        [HistoryWay.Actor] = Pair("user_name", "actor"),
        [HistoryWay.Type] = Pair("type", "type"),
        [HistoryWay.Log] = ("events.mt_events e WHERE e.seq_id > @above AND e.seq_id <= @through", "e.seq_id"),
    };

    // A command's receipt names its last event; its others come before that one without a gap, because a portfolio's
    // commands are decided one after another. So its events need no index of their own. They are put in order before
    // their rows are looked up, which the sum sees to: in the order of the log's key the whole log would be looked at.
    private const string Effect =
        """
        WITH RECURSIVE effect AS (
            SELECT p.portfolio_id, p.version, p.seq_id
            FROM ledger.command_receipt r
            JOIN ledger.portfolio_event p ON p.portfolio_id = r.portfolio_id AND p.version = r.portfolio_version
            JOIN events.mt_events l ON l.seq_id = p.seq_id
            WHERE r.key = @command AND l.causation_id = @command
            UNION ALL
            SELECT p.portfolio_id, p.version, p.seq_id
            FROM effect
            JOIN ledger.portfolio_event p ON p.portfolio_id = effect.portfolio_id AND p.version = effect.version - 1
            JOIN events.mt_events l ON l.seq_id = p.seq_id
            WHERE l.causation_id = @command
        )
        """;

    /// <summary>What can give candidates; a command's own events are few, and all there are.</summary>
    public static IReadOnlyList<HistoryWay> Ways(HistoryFilter filter)
    {
        if (filter.CommandId is not null)
            return [HistoryWay.Command];
        var ways = Enum.GetValues<HistoryWay>().Where(way => IsAsked(filter, way)).ToList();
        return ways.Count == 0 ? [HistoryWay.Log] : ways;
    }

    /// <summary>Whether candidates have to be looked at, as they need not be what is asked for.</summary>
    public static bool LooksOn(HistoryFilter filter, HistoryWay way) => Conditions(filter, way).Count > 0;

    /// <summary>The sequences between which all lies: after the cursor, and recorded between the times.</summary>
    public static Statement Span(HistoryFilter filter)
    {
        const string Last = "coalesce((SELECT max(seq_id) FROM events.mt_events), 0)";
        var above = filter.From is null ? "@above" : "greatest(@above, ledger.first_recorded(@from) - 1)";
        var through = filter.To is null ? Last : "ledger.last_recorded(@to)";
        return new Statement($"SELECT {above}, {through}", [Number("above", filter.After), .. Times(filter)]);
    }

    /// <summary>The versions of the portfolio and of the stream between which all lies.</summary>
    public static Statement Versions(HistoryFilter filter, Between sequences)
    {
        string[] columns =
        [
            .. Both(filter.PortfolioId is null ? "0::bigint" : "ledger.portfolio_version_at(@portfolio, {0})"),
            .. Both(filter.Stream is null ? "0::bigint" : "ledger.stream_version_at(@stream, {0})"),
        ];
        return new Statement(
            $"SELECT {string.Join(", ", columns)}", [.. Values(filter), .. Bounds(new(sequences, default, default))]);
    }

    /// <summary>How many candidates each way gives, counted as far as a page would look.</summary>
    public static Statement Candidates(HistoryFilter filter, HistorySpan span, IReadOnlyList<HistoryWay> ways) => new(
        $"SELECT {string.Join(", ", ways.Select(Count))}", [.. Values(filter), .. Bounds(span), Most()]);

    /// <summary>One more event than were asked for, so that it is known whether there are more.</summary>
    public static Statement Page(HistoryFilter filter, HistorySpan span, HistoryWay way)
    {
        var (rows, order) = Sources[way];
        var conditions = And(filter, way);
        var candidates = conditions.Length == 0 || way == HistoryWay.Command
            ? $"SELECT {LoggedFact.Columns} FROM {rows}{conditions} ORDER BY {order} LIMIT @take"
            : $"""
              SELECT {LoggedFact.Columns} FROM (SELECT {Inner(order)}e.* FROM {rows} ORDER BY {order} LIMIT @most) e
              WHERE true{conditions} ORDER BY {Outer(order)} LIMIT @take
              """;
        return new Statement(
            $"{(way == HistoryWay.Command ? Effect : "")} {candidates}",
            [.. Values(filter), .. Bounds(span), Number("take", filter.Limit + 1), Most()]);
    }

    /// <summary>All events, however many.</summary>
    public static Statement All(HistoryFilter filter, HistorySpan span, HistoryWay way) => new(
        $"SELECT {LoggedFact.Columns} FROM {Sources[way].Rows}{And(filter, way)} ORDER BY {Sources[way].Order}",
        [.. Values(filter), .. Bounds(span)]);

    /// <summary>The candidate at which a page stops looking; none where it comes to the end before.</summary>
    public static Statement LastCandidate(HistoryFilter filter, HistorySpan span, HistoryWay way)
    {
        var (rows, order) = Sources[way];
        return new Statement(
            $"SELECT e.seq_id FROM {rows} ORDER BY {order} OFFSET @most - 1 LIMIT 1",
            [.. Values(filter), .. Bounds(span), Most()]);
    }

    private static IEnumerable<string> Both(string at) =>
        [at.Replace("{0}", "@above"), at.Replace("{0}", "@through")];

    private static (string Rows, string Order) Pair(string column, string value, string and = "") => (
        $"""
        events.mt_events e
        WHERE (e.{column}, e.seq_id) > (@{value}, @above) AND (e.{column}, e.seq_id) <= (@{value}, @through){and}
        """,
        $"e.{column}, e.seq_id");

    private static string Count(HistoryWay way) => way switch
    {
        HistoryWay.Stream => "@streamThrough::bigint - @streamAbove::bigint",
        HistoryWay.Portfolio => "@portfolioThrough::bigint - @portfolioAbove::bigint",
        _ => $"(SELECT count(*) FROM (SELECT FROM {Sources[way].Rows} ORDER BY {Sources[way].Order} LIMIT @most) c)",
    };

    // A portfolio's version is no column of an event.
    private static string Inner(string order) => order == "p.version" ? "p.version AS portfolio_version, " : "";

    private static string Outer(string order) => order == "p.version" ? "e.portfolio_version" : order;

    private static bool IsAsked(HistoryFilter filter, HistoryWay way) => way switch
    {
        HistoryWay.Command => filter.CommandId is not null,
        HistoryWay.Correlation => filter.CorrelationId is not null,
        HistoryWay.Stream => filter.Stream is not null,
        HistoryWay.Portfolio => filter.PortfolioId is not null,
        HistoryWay.Actor => filter.Actor is not null,
        HistoryWay.Type => filter.Type is not null,
        _ => false,
    };

    private static string And(HistoryFilter filter, HistoryWay way) =>
        string.Concat(Conditions(filter, way).Select(condition => $" AND {condition}"));

    // What a candidate has to be besides what it came by. Between the sequences of a time range there may be events
    // that were recorded outside of it, where clocks differed.
    private static List<string> Conditions(HistoryFilter filter, HistoryWay way)
    {
        var conditions = Enum.GetValues<HistoryWay>().Where(other => other != way && IsAsked(filter, other))
            .Select(other => other switch
            {
                HistoryWay.Command => "e.causation_id = @command",
                HistoryWay.Correlation => "e.correlation_id = @correlation",
                HistoryWay.Stream => "e.stream_id = @stream",
                HistoryWay.Portfolio => "e.data ->> 'portfolioId' = @portfolio::text",
                HistoryWay.Actor => "e.user_name = @actor",
                _ => "e.type = @type",
            }).ToList();
        if (filter.From is not null)
            conditions.Add("e.timestamp >= @from");
        if (filter.To is not null)
            conditions.Add("e.timestamp < @to");
        return conditions;
    }

    private static IEnumerable<NpgsqlParameter> Values(HistoryFilter filter)
    {
        if (filter.PortfolioId is { } portfolio)
            yield return new NpgsqlParameter<int>("portfolio", portfolio);
        foreach (var (name, value) in new[]
        {
            ("stream", filter.Stream), ("type", filter.Type), ("actor", filter.Actor), ("command", filter.CommandId),
            ("correlation", filter.CorrelationId),
        })
        {
            if (value is not null)
                yield return new NpgsqlParameter<string>(name, NpgsqlDbType.Varchar) { TypedValue = value };
        }
        foreach (var time in Times(filter))
            yield return time;
    }

    private static IEnumerable<NpgsqlParameter> Times(HistoryFilter filter)
    {
        if (filter.From is { } from)
            yield return new NpgsqlParameter<DateTime>("from", NpgsqlDbType.TimestampTz) { TypedValue = from };
        if (filter.To is { } to)
            yield return new NpgsqlParameter<DateTime>("to", NpgsqlDbType.TimestampTz) { TypedValue = to };
    }

    private static IEnumerable<NpgsqlParameter> Bounds(HistorySpan span) =>
    [
        Number("above", span.Sequences.Above),
        Number("through", span.Sequences.Through),
        Number("portfolioAbove", span.Versions.Above),
        Number("portfolioThrough", span.Versions.Through),
        Number("streamAbove", span.StreamVersions.Above),
        Number("streamThrough", span.StreamVersions.Through),
    ];

    private static NpgsqlParameter<long> Most() => Number("most", EventHistory.MostLookedAt);

    private static NpgsqlParameter<long> Number(string name, long value) => new(name, value);
}

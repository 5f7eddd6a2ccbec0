using System.Globalization;
using Bifrost.Api.Access;
using Bifrost.Api.Http;
using Bifrost.Api.MarketData;
using Bifrost.Audit.History;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Bifrost.Api.Audit;

/// <summary>An event as it is stored.</summary>
/// <param name="Sequence">Its place in the whole log.</param>
/// <param name="Version">Its place in its stream.</param>
/// <param name="Type">Its name as it is stored; it may be one that this build does not know.</param>
/// <param name="Data">The stored JSON, to the letter.</param>
public sealed record LoggedEventView(
    long Sequence, Guid Id, string Stream, long Version, string Type, RawJson Data)
{
    /// <summary>When it happened; null where the event does not say.</summary>
    public DateTime? OccurredAt { get; init; }

    public DateTime RecordedAt { get; init; }

    /// <summary>Who gave the command.</summary>
    public string Actor { get; init; } = "";

    /// <summary>The command that it is an effect of.</summary>
    public string CommandId { get; init; } = "";

    /// <summary>The trace that the command was part of, where the caller named one.</summary>
    public string? CorrelationId { get; init; }

    /// <summary>Its place in the hash chain of its portfolio, 64 hexadecimal digits; see docs/audit.md.</summary>
    public string? Hash { get; init; }

    /// <summary>The hash of the event before it in its portfolio; zeros where it is the first.</summary>
    public string? PreviousHash { get; init; }

    public static LoggedEventView Of(LoggedFact fact) => new(
        fact.Sequence, fact.Id, fact.Stream, fact.Version, fact.Type, new RawJson(fact.Data))
    {
        OccurredAt = fact.OccurredAt,
        RecordedAt = fact.RecordedAt,
        Actor = fact.Actor,
        CommandId = fact.CommandId,
        CorrelationId = fact.CorrelationId,
        Hash = fact.Hash,
        PreviousHash = fact.PreviousHash,
    };
}

/// <summary>Which events are asked for; an event has to fit all that is said.</summary>
internal readonly record struct HistoryQuery
{
    /// <summary>Of this portfolio, over all of its streams.</summary>
    [FromQuery(Name = "portfolioId")]
    public int? PortfolioId { get; init; }

    /// <summary>Of this stream, such as order-17 or holding-3-ORCL.</summary>
    [FromQuery(Name = "stream")]
    public string? Stream { get; init; }

    /// <summary>Of this type, such as lots_matched.</summary>
    [FromQuery(Name = "type")]
    public string? Type { get; init; }

    /// <summary>Whose commands these are effects of.</summary>
    [FromQuery(Name = "actor")]
    public string? Actor { get; init; }

    /// <summary>The whole effect of this command, over all streams.</summary>
    [FromQuery(Name = "commandId")]
    public string? CommandId { get; init; }

    /// <summary>The effects of all commands of this trace.</summary>
    [FromQuery(Name = "correlationId")]
    public string? CorrelationId { get; init; }

    /// <summary>Recorded then or later: a time with an offset, or a date in UTC.</summary>
    [FromQuery(Name = "from")]
    public string? From { get; init; }

    /// <summary>Recorded before then.</summary>
    [FromQuery(Name = "to")]
    public string? To { get; init; }

    /// <summary>How many at the most: 100 where nothing is said, at most 1,000.</summary>
    [FromQuery(Name = "limit")]
    public string? Limit { get; init; }

    /// <summary>A sequence; the events after it are answered.</summary>
    [FromQuery(Name = "after")]
    public string? After { get; init; }

    public HistoryFilter Read(Check check)
    {
        var range = TimeRange.Of(check, From, To);
        return new HistoryFilter
        {
            PortfolioId = PortfolioId is null ? null : check.Id("portfolioId", PortfolioId),
            Stream = Text(check, "stream", Stream),
            Type = Text(check, "type", Type),
            Actor = Text(check, "actor", Actor),
            CommandId = Text(check, "commandId", CommandId),
            CorrelationId = Text(check, "correlationId", CorrelationId),
            From = From is null ? null : range.From,
            To = To is null ? null : range.To,
            Limit = Paging.ReadLimit(check, Limit),
            After = Pages.Number(check, "after", After, 0),
        };
    }

    private static string? Text(Check check, string field, string? value)
    {
        const int Longest = 500;
        if (value is "")
            check.Add(field, "is empty; leave it out, or say what is looked for.");
        return check.OptionalText(field, value, Longest);
    }
}

internal static class ListEventsRoute
{
    private static readonly string Description = string.Create(
        CultureInfo.InvariantCulture,
        $$"""
        In the order of their sequence. A page ends after {{EventHistory.MostLookedAt:N0}} events were looked at, so it
        may have fewer items than were asked for, or none, and still have a `next`: the list ends where `next` is null.
        """);

    public static void Map(IEndpointRouteBuilder api) => api.MapGet("/audit/events", Handle)
        .WithName("ListAuditEvents").WithTags("Audit")
        .WithSummary("Lists events of the log as they are stored: who did what, when").WithDescription(Description)
        .OpenTo(AccessRule.AuditPortfolio)
        .LeavesAccessRecord().ReadsHistory()
        .ProducesProblem(400);

    private static async Task<Results<Ok<Page<LoggedEventView>>, ProblemHttpResult>> Handle(
        [AsParameters] HistoryQuery query, EventHistory history, CancellationToken cancel)
    {
        var check = new Check(TimeProvider.System);
        var filter = query.Read(check);
        if (check.Failed)
            return check.Problem;
        var page = await history.Read(filter, cancel);
        return TypedResults.Ok(new Page<LoggedEventView>(
            [.. page.Items.Select(LoggedEventView.Of)], page.Next?.ToString(CultureInfo.InvariantCulture)));
    }
}

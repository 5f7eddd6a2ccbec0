using System.Globalization;
using Bifrost.Api.Access;
using Bifrost.Api.Http;
using Bifrost.Domain;
using Bifrost.Instruments;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Bifrost.Api.Events;

/// <summary>The stream that is asked for.</summary>
internal readonly record struct StreamQuery
{
    /// <summary>
    /// A sequence: the events after it come first. Without it the stream begins with what is committed next.
    /// </summary>
    [FromQuery(Name = "after")]
    public string? After { get; init; }

    /// <summary>The last id that came; what browsers send when they come back. It wins over <c>after</c>.</summary>
    [FromHeader(Name = "Last-Event-ID")]
    public string? LastEventId { get; init; }

    /// <summary>Only the events of this portfolio.</summary>
    [FromQuery(Name = "portfolioId")]
    public int? PortfolioId { get; init; }

    /// <summary>Only the prices of these symbols, such as A,B.</summary>
    [FromQuery(Name = "symbols")]
    public string? Symbols { get; init; }

    /// <summary>false leaves prices out.</summary>
    [FromQuery(Name = "prices")]
    public string? Prices { get; init; }
}

internal static class StreamEventsRoute
{
    private const int MostSymbols = 1000;

    private const string Description =
        """
        Server-Sent Events. Each event of the ledger is a message: `id` is its sequence, `event` its type and `data`
        a JSON object with `sequence, id, stream, version, type, data, occurredAt, recordedAt, actor, commandId,
        portfolioId`. Whoever comes back with Last-Event-ID gets what it has missed; nothing is missed or repeated.

        Messages `price.updated` come in between, four a second at the most, and have no `id`: `data` is
        `{"prices": [{"symbol", "price", "volume", "time", "interval"}]}` with the newest price of each symbol that
        has changed. A quiet stream has a comment every 15 seconds.

        Traders get the events of their own portfolios, and all prices. A stream ends when the key or token of its
        caller does.
        """;

    public static void Map(IEndpointRouteBuilder api) => api.MapGet("/events", Handle)
        .OpenTo(AccessRule.ReadPortfolios)
        .LeavesAccessRecord(Roles.Auditor)
        .WithName("StreamEvents").WithTags("Events")
        .WithSummary("The ledger's events as they are committed, and prices").WithDescription(Description)
        .ProducesProblem(400).ProducesProblem(404)
        .DisableRequestTimeout();

    private static async Task<Results<EventStream, ProblemHttpResult>> Handle(
        [AsParameters] StreamQuery query,
        HttpContext http,
        EventStreams streams,
        KeyRing keys,
        InstrumentCatalog instruments,
        CancellationToken cancel)
    {
        var check = new Check(TimeProvider.System);
        // Browsers that have seen no id send none; other clients may send an empty one.
        var after = string.IsNullOrEmpty(query.LastEventId)
            ? Sequence(check, "after", query.After)
            : Sequence(check, "Last-Event-ID", query.LastEventId);
        if (query.PortfolioId is not null)
            check.Id("portfolioId", query.PortfolioId);
        var symbols = Symbols(check, query.Symbols, instruments);
        var withPrices = WithPrices(check, query.Prices);
        if (check.Failed)
            return check.Problem;
        if (query.PortfolioId is { } portfolioId && !await streams.Pages.HasPortfolio(portfolioId, cancel))
            return Problems.Of(RejectionCode.PortfolioNotFound, $"There is no portfolio {portfolioId}.");
        var caller = Caller.Of(http);
        var audience = new Audience(query.PortfolioId, caller.UserId);
        return new EventStream(streams, keys, caller, new StreamContent(
            after ?? await streams.Pages.ReadLatest(cancel), audience, withPrices, symbols));
    }

    private static long? Sequence(Check check, string field, string? text)
    {
        if (text is null)
            return null;
        if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var sequence))
            check.Add(field, "is the sequence of an event: a whole number.");
        return sequence;
    }

    private static List<string>? Symbols(Check check, string? text, InstrumentCatalog instruments)
    {
        if (text is null)
            return null;
        var symbols = text.Split(',').Select(symbol => check.Symbol("symbols", symbol, instruments)).Distinct()
            .ToList();
        if (symbols.Count > MostSymbols)
            check.Add("symbols", $"are at most {MostSymbols}.");
        return symbols;
    }

    private static bool WithPrices(Check check, string? text)
    {
        if (text is not (null or "true" or "false"))
            check.Add("prices", "is true or false.");
        return text != "false";
    }
}

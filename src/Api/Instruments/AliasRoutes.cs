using Bifrost.Api.Access;
using Bifrost.Api.Http;
using Bifrost.Api.MarketData;
using Bifrost.Instruments;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Bifrost.Api.Instruments;

/// <summary>For whom, and when, a name leads to an instrument.</summary>
public sealed record PutAliasRequest
{
    /// <summary>Who calls it so, such as a broker or a feed; * for everybody, as where it is left out.</summary>
    public string? Source { get; init; }

    /// <summary>Since when: a date or a time; since ever where it is left out.</summary>
    public string? ValidFrom { get; init; }

    /// <summary>From when on not any more; without an end where it is left out.</summary>
    public string? ValidTo { get; init; }
}

internal static class AliasRoutes
{
    private const int LongestSource = 50;

    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapPut("/instruments/{instrumentId:int}/aliases/{alias}", Put)
            .OpenTo(AccessRule.LoadMarket)
            .WithName("PutAlias").WithTags("Instruments")
            .WithSummary("Gives an instrument another name, of one source or of all, for a time or for ever")
            .ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).ProducesProblem(415);
        api.MapDelete("/instruments/{instrumentId:int}/aliases/{alias}", Delete)
            .OpenTo(AccessRule.LoadMarket)
            .WithName("DeleteAlias").WithTags("Instruments").WithSummary("Takes a name of an instrument away")
            .ProducesProblem(400).ProducesProblem(404);
    }

    private static async Task<Results<Ok<InstrumentView>, ProblemHttpResult>> Put(
        int instrumentId,
        string alias,
        Body<PutAliasRequest> body,
        InstrumentStore store,
        InstrumentCatalog instruments,
        CancellationToken cancel)
    {
        if (body.Problem is { } unreadable)
            return unreadable;
        var check = new Check(TimeProvider.System);
        var named = new InstrumentAlias(
            SourceOf(check, body.Value.Source),
            check.Symbol("alias", PathText.Decoded(alias)),
            check.MarketTime("validFrom", body.Value.ValidFrom),
            check.MarketTime("validTo", body.Value.ValidTo));
        if (named.From >= named.To)
            check.Add("validTo", "is after validFrom.");
        if (check.Failed)
            return check.Problem;
        var outcome = await store.PutAlias(instrumentId, named, cancel);
        await instruments.Refresh(cancel);
        return InstrumentProblems.Told(outcome);
    }

    private static async Task<Results<Ok<InstrumentView>, ProblemHttpResult>> Delete(
        int instrumentId,
        string alias,
        string? source,
        InstrumentStore store,
        InstrumentCatalog instruments,
        CancellationToken cancel)
    {
        var check = new Check(TimeProvider.System);
        var (from, name) = (SourceOf(check, source), check.Symbol("alias", PathText.Decoded(alias)));
        if (check.Failed)
            return check.Problem;
        var outcome = await store.RemoveAlias(instrumentId, from, name, cancel);
        await instruments.Refresh(cancel);
        return InstrumentProblems.Told(outcome);
    }

    private static string SourceOf(Check check, string? source)
    {
        if (string.IsNullOrWhiteSpace(source))
            return InstrumentAlias.Any;
        return check.OptionalText("source", source, LongestSource)!.ToLowerInvariant();
    }
}

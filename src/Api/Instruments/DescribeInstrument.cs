using Bifrost.Api.Access;
using Bifrost.Api.Http;
using Bifrost.Domain.Instruments;
using Bifrost.Instruments;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Bifrost.Api.Instruments;

/// <summary>What is said of an instrument.</summary>
public abstract record InstrumentRequest
{
    public InstrumentType? Type { get; init; }

    /// <summary>What prices are in, such as USD; empty for the portfolio's own.</summary>
    public string? Currency { get; init; }

    /// <summary>How much of the currency one of it is worth at a price of one: 100 of an option.</summary>
    public decimal? Multiplier { get; init; }

    /// <summary>0 to 18.</summary>
    public int? QuantityDecimals { get; init; }

    /// <summary>0 to 18.</summary>
    public int? PriceDecimals { get; init; }

    public bool? AllowsNonPositivePrice { get; init; }

    /// <summary>A code of GET /api/exchanges, by whose sessions its days are; empty for days of UTC.</summary>
    public string? Exchange { get; init; }

    public string? Status { get; init; }

    public DateOnly? ListedOn { get; init; }

    public DateOnly? DelistedOn { get; init; }

    public string? Name { get; init; }

    internal InstrumentDescription Checked(Check check)
    {
        var description = new InstrumentDescription
        {
            Type = Type,
            Currency = check.OptionalText("currency", Currency, 10),
            Multiplier = Multiplier,
            QuantityDecimals = QuantityDecimals,
            PriceDecimals = PriceDecimals,
            AllowsNonPositivePrice = AllowsNonPositivePrice,
            Exchange = Exchange?.Trim().ToUpperInvariant(),
            Status = check.OptionalText("status", Status, 20),
            ListedOn = ListedOn,
            DelistedOn = DelistedOn,
            Name = check.OptionalText("name", Name, 200),
        };
        description.Check(check.Add);
        return description;
    }
}

/// <summary>What is to be said of an instrument instead; what is left out stays.</summary>
public sealed record ChangeInstrumentRequest : InstrumentRequest;

/// <summary>What is said of an instrument that nobody has described.</summary>
public sealed record AddInstrumentRequest : InstrumentRequest
{
    /// <summary>The primary name.</summary>
    public string? Symbol { get; init; }
}

internal static class DescribeInstrumentRoutes
{
    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapPost("/instruments", Add)
            .OpenTo(AccessRule.LoadMarket)
            .WithName("AddInstrument").WithTags("Instruments").WithSummary("Says what a symbol stands for")
            .ProducesProblem(400).ProducesProblem(409).ProducesProblem(415);
        api.MapPatch("/instruments/{instrumentId:int}", Change)
            .OpenTo(AccessRule.LoadMarket)
            .WithName("ChangeInstrument").WithTags("Instruments")
            .WithSummary("Changes what was said of an instrument; fields that are left out stay as they are")
            .WithDescription(
                "What was recorded before keeps the multiplier and the currency that it was decided with.")
            .ProducesProblem(400).ProducesProblem(404).ProducesProblem(415);
    }

    private static async Task<Results<Created<InstrumentView>, ProblemHttpResult>> Add(
        Body<AddInstrumentRequest> body,
        InstrumentStore store,
        InstrumentCatalog instruments,
        CancellationToken cancel)
    {
        if (body.Problem is { } unreadable)
            return unreadable;
        var check = new Check(TimeProvider.System);
        var symbol = check.Symbol("symbol", body.Value.Symbol);
        var description = body.Value.Checked(check);
        if (check.Failed)
            return check.Problem;
        var (added, refusal) = await store.Add(symbol, description, cancel);
        await instruments.Refresh(cancel);
        return refusal is null
            ? TypedResults.Created($"/api/instruments/{added!.Id}", InstrumentView.Of(added))
            : InstrumentProblems.Of(refusal);
    }

    private static async Task<Results<Ok<InstrumentView>, ProblemHttpResult>> Change(
        int instrumentId,
        Body<ChangeInstrumentRequest> body,
        InstrumentStore store,
        InstrumentCatalog instruments,
        CancellationToken cancel)
    {
        if (body.Problem is { } unreadable)
            return unreadable;
        var check = new Check(TimeProvider.System);
        var description = body.Value.Checked(check);
        if (check.Failed)
            return check.Problem;
        var outcome = await store.Describe(instrumentId, description, cancel);
        await instruments.Refresh(cancel);
        return InstrumentProblems.Told(outcome);
    }
}

/// <summary>Refusals of changes, over HTTP.</summary>
internal static class InstrumentProblems
{
    public static Results<Ok<InstrumentView>, ProblemHttpResult> Told(InstrumentOutcome outcome) =>
        outcome.Instrument is { } changed ? TypedResults.Ok(InstrumentView.Of(changed)) : Of(outcome.Refusal!);

    public static ProblemHttpResult Of(InstrumentRefusal refusal) => Problems.Of(
        refusal.Fault switch
        {
            InstrumentFault.NotFound => Problems.InstrumentNotFound,
            InstrumentFault.Exists => Problems.InstrumentExists,
            InstrumentFault.AliasNotFree => Problems.AliasNotFree,
            InstrumentFault.AliasNotFound => Problems.AliasNotFound,
            _ => throw new ArgumentOutOfRangeException(nameof(refusal)),
        },
        refusal.Detail);
}

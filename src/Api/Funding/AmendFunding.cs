using Bifrost.Api.Access;
using Bifrost.Api.Executions;
using Bifrost.Api.Http;
using Bifrost.Domain;
using Bifrost.Domain.Funding;
using Bifrost.Grains;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Bifrost.Api.Funding;

/// <summary>What is left out stays as it was recorded.</summary>
public sealed record CorrectFundingRequest
{
    public FundingType? Type { get; init; }

    /// <inheritdoc cref="MoveCashRequest.Amount"/>
    public decimal? Amount { get; init; }

    /// <inheritdoc cref="MoveCashRequest.Currency"/>
    public string? Currency { get; init; }

    /// <inheritdoc cref="MoveCashRequest.BoughtAmount"/>
    public decimal? BoughtAmount { get; init; }

    /// <inheritdoc cref="MoveCashRequest.BoughtCurrency"/>
    public string? BoughtCurrency { get; init; }

    /// <inheritdoc cref="MoveCashRequest.Tax"/>
    public decimal? Tax { get; init; }

    public string? Symbol { get; init; }

    public string? Description { get; init; }

    public string? OccurredAt { get; init; }

    /// <summary>The id that a bank or a broker gave the correction.</summary>
    public string? CorrectionId { get; init; }
}

public sealed record ReverseFundingRequest
{
    public string? OccurredAt { get; init; }

    /// <inheritdoc cref="CorrectFundingRequest.CorrectionId"/>
    public string? CorrectionId { get; init; }
}

/// <summary>
/// Whoever recorded cash that came or went changes it, or takes it back. It is named by its funding id, or by the
/// external id of it or of a correction of it.
/// </summary>
internal static class AmendFundingRoutes
{
    public static void Map(IEndpointRouteBuilder api)
    {
        Describe(api.MapPost("/portfolios/{portfolioId:int}/funding/{fundingId:int}/correct", Correct))
            .WithName("CorrectFunding").WithSummary("Replaces the terms of cash that came or went");
        Describe(api.MapPost("/portfolios/{portfolioId:int}/funding/{fundingId:int}/reverse", Reverse))
            .WithName("ReverseFunding").WithSummary("Takes cash that came or went back, as if it never did");
        Describe(api.MapPost("/portfolios/{portfolioId:int}/funding/external/{externalId}/correct", CorrectExternal))
            .WithName("CorrectExternalFunding").WithSummary("Replaces the terms of cash, by its external id");
        Describe(api.MapPost("/portfolios/{portfolioId:int}/funding/external/{externalId}/reverse", ReverseExternal))
            .WithName("ReverseExternalFunding").WithSummary("Takes cash back, by its external id");
    }

    private static RouteHandlerBuilder Describe(RouteHandlerBuilder route) => route
        .OpenTo(AccessRule.AmendCash).WithTags("Funding")
        .ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).ProducesProblem(412).ProducesProblem(422);

    private static async Task<Results<Ok<WriteAnswer>, ProblemHttpResult>> Correct(
        int portfolioId, int fundingId, Body<CorrectFundingRequest> body, HttpContext http, Writes writes)
    {
        if (body.Problem is { } unreadable)
            return unreadable;
        var (request, check) = (body.Value, new Check(TimeProvider.System));
        var command = new CorrectFunding
        {
            FundingId = fundingId,
            CorrectionId = check.OptionalExternalId("correctionId", request.CorrectionId),
            Type = request.Type,
            Amount = check.OptionalNotNegative("amount", request.Amount),
            Currency = check.OptionalCurrency("currency", request.Currency),
            BoughtAmount = check.Optional("boughtAmount", request.BoughtAmount),
            BoughtCurrency = check.OptionalCurrency("boughtCurrency", request.BoughtCurrency),
            Tax = check.OptionalNotNegative("tax", request.Tax),
            Symbol = check.OptionalSymbol("symbol", request.Symbol, writes.Instruments),
            Description = check.OptionalText("description", request.Description, 4000),
            OccurredAt = check.Time("occurredAt", request.OccurredAt),
        };
        return check.Failed ? check.Problem : await Amend(http, writes, portfolioId, command, request);
    }

    private static async Task<Results<Ok<WriteAnswer>, ProblemHttpResult>> Reverse(
        int portfolioId, int fundingId, Body<ReverseFundingRequest> body, HttpContext http, Writes writes)
    {
        if (body.Problem is { } unreadable)
            return unreadable;
        var (request, check) = (body.Value, new Check(TimeProvider.System));
        var command = new ReverseFunding
        {
            FundingId = fundingId,
            CorrectionId = check.OptionalExternalId("correctionId", request.CorrectionId),
            OccurredAt = check.Time("occurredAt", request.OccurredAt),
        };
        return check.Failed ? check.Problem : await Amend(http, writes, portfolioId, command, request);
    }

    private static async Task<Results<Ok<WriteAnswer>, ProblemHttpResult>> CorrectExternal(
        int portfolioId, string externalId, Body<CorrectFundingRequest> body, HttpContext http, Writes writes)
    {
        var id = ExternalIds.InPath(http, externalId);
        return await FundingOf(writes, portfolioId, id, http.RequestAborted) is { } fundingId
            ? await Correct(portfolioId, fundingId, body, http, writes)
            : Unknown(id);
    }

    private static async Task<Results<Ok<WriteAnswer>, ProblemHttpResult>> ReverseExternal(
        int portfolioId, string externalId, Body<ReverseFundingRequest> body, HttpContext http, Writes writes)
    {
        var id = ExternalIds.InPath(http, externalId);
        return await FundingOf(writes, portfolioId, id, http.RequestAborted) is { } fundingId
            ? await Reverse(portfolioId, fundingId, body, http, writes)
            : Unknown(id);
    }

    private static async Task<Results<Ok<WriteAnswer>, ProblemHttpResult>> Amend<T>(
        HttpContext http, Writes writes, int portfolioId, AmendFunding command, T request)
    {
        var natural = command.CorrectionId is { } id ? ExternalIds.Key(portfolioId, id) : (CommandKey?)null;
        return await writes.Change(http, portfolioId, command, request, natural);
    }

    private static async Task<int?> FundingOf(
        Writes writes, int portfolioId, string externalId, CancellationToken cancel) =>
        (await writes.Ledger.FactOf(ExternalIds.Key(portfolioId, externalId), cancel))?.FundingId;

    private static ProblemHttpResult Unknown(string externalId) =>
        Problems.Of(RejectionCode.FundingNotFound, $"No funding {externalId} is booked.");
}

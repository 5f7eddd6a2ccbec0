using System.Text.Json.Serialization;
using Bifrost.Api.Access;
using Bifrost.Api.Http;
using Bifrost.Api.Orders;
using Bifrost.Domain;
using Bifrost.Domain.Orders;
using Bifrost.Grains;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Bifrost.Api.Executions;

/// <summary>What is left out stays as it was reported.</summary>
public sealed record CorrectExecutionRequest
{
    public decimal? Quantity { get; init; }

    public decimal? Price { get; init; }

    public decimal? Commission { get; init; }

    public decimal? Tax { get; init; }

    /// <inheritdoc cref="RecordExecutionRequest.FeeCurrency"/>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? FeeCurrency { get; init; }

    /// <inheritdoc cref="RecordExecutionRequest.Rate"/>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public decimal? Rate { get; init; }

    /// <inheritdoc cref="RecordExecutionRequest.FeeQuantity"/>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public decimal? FeeQuantity { get; init; }

    /// <inheritdoc cref="RecordExecutionRequest.Amount"/>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public decimal? Amount { get; init; }

    public string? ExecutedAt { get; init; }

    /// <summary>
    /// The id that the venue gave the correction: from here on it names the execution as the first one does.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? CorrectionId { get; init; }
}

public sealed record BustExecutionRequest
{
    public string? OccurredAt { get; init; }

    /// <inheritdoc cref="CorrectExecutionRequest.CorrectionId"/>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? CorrectionId { get; init; }
}

/// <summary>
/// Whoever reported an execution changes it, or takes it back. It is named by its own id or by that of a correction of
/// it; a portfolio knows the ones of its orders as well.
/// </summary>
internal static class AmendExecutionRoutes
{
    public static void Map(IEndpointRouteBuilder api)
    {
        Describe(api.MapPost("/orders/{orderId:int}/executions/{executionId}/correct", Correct))
            .WithName("CorrectExecution").WithSummary("Replaces the terms of an execution");
        Describe(api.MapPost("/orders/{orderId:int}/executions/{executionId}/bust", Bust))
            .WithName("BustExecution").WithSummary("Takes an execution back, as if it never was");
        Describe(api.MapPost("/portfolios/{portfolioId:int}/executions/{executionId}/correct", CorrectAny))
            .WithName("CorrectPortfolioExecution").WithSummary("Replaces the terms of an execution, by its id alone");
        Describe(api.MapPost("/portfolios/{portfolioId:int}/executions/{executionId}/bust", BustAny))
            .WithName("BustPortfolioExecution").WithSummary("Takes an execution back, by its id alone");
    }

    private static RouteHandlerBuilder Describe(RouteHandlerBuilder route) => route
        .OpenTo(AccessRule.Report).WithTags("Executions")
        .ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).ProducesProblem(412).ProducesProblem(422);

    private static async Task<Results<Ok<WriteAnswer>, ProblemHttpResult>> Correct(
        int orderId, string executionId, Body<CorrectExecutionRequest> body, HttpContext http, Writes writes)
    {
        if (body.Problem is { } unreadable)
            return unreadable;
        var check = new Check(TimeProvider.System);
        var command = Corrected(check, orderId, ExternalIds.InPath(http, executionId), body.Value);
        if (check.Failed)
            return check.Problem;
        if (await writes.Ledger.HomeOf(orderId, http.RequestAborted) is not { PortfolioId: var portfolioId })
            return OrderRouting.Unknown(orderId);
        return await writes.Change(http, portfolioId, command, body.Value, Key(portfolioId, command.CorrectionId));
    }

    private static async Task<Results<Ok<WriteAnswer>, ProblemHttpResult>> Bust(
        int orderId, string executionId, Body<BustExecutionRequest> body, HttpContext http, Writes writes)
    {
        if (body.Problem is { } unreadable)
            return unreadable;
        var check = new Check(TimeProvider.System);
        var command = Busted(check, orderId, ExternalIds.InPath(http, executionId), body.Value);
        if (check.Failed)
            return check.Problem;
        if (await writes.Ledger.HomeOf(orderId, http.RequestAborted) is not { PortfolioId: var portfolioId })
            return OrderRouting.Unknown(orderId);
        return await writes.Change(http, portfolioId, command, body.Value, Key(portfolioId, command.CorrectionId));
    }

    private static async Task<Results<Ok<WriteAnswer>, ProblemHttpResult>> CorrectAny(
        int portfolioId, string executionId, Body<CorrectExecutionRequest> body, HttpContext http, Writes writes)
    {
        if (body.Problem is { } unreadable)
            return unreadable;
        var (check, id) = (new Check(TimeProvider.System), ExternalIds.InPath(http, executionId));
        var corrected = Corrected(check, 0, id, body.Value);
        if (check.Failed)
            return check.Problem;
        var known = await Known(writes, portfolioId, id, http.RequestAborted);
        Command command = known is { OrderId: { } orderId }
            ? corrected with { OrderId = orderId }
            : new CorrectRecorded
            {
                ExecutionId = id, Symbol = known?.Symbol ?? "", CorrectionId = corrected.CorrectionId,
                Changes = corrected.Changes, OccurredAt = corrected.OccurredAt,
            };
        return await writes.Change(http, portfolioId, command, body.Value, Key(portfolioId, corrected.CorrectionId));
    }

    private static async Task<Results<Ok<WriteAnswer>, ProblemHttpResult>> BustAny(
        int portfolioId, string executionId, Body<BustExecutionRequest> body, HttpContext http, Writes writes)
    {
        if (body.Problem is { } unreadable)
            return unreadable;
        var (check, id) = (new Check(TimeProvider.System), ExternalIds.InPath(http, executionId));
        var busted = Busted(check, 0, id, body.Value);
        if (check.Failed)
            return check.Problem;
        var known = await Known(writes, portfolioId, id, http.RequestAborted);
        Command command = known is { OrderId: { } orderId }
            ? busted with { OrderId = orderId }
            : new BustRecorded
            {
                ExecutionId = id, Symbol = known?.Symbol ?? "", CorrectionId = busted.CorrectionId,
                OccurredAt = busted.OccurredAt,
            };
        return await writes.Change(http, portfolioId, command, body.Value, Key(portfolioId, busted.CorrectionId));
    }

    private static CorrectExecution Corrected(
        Check check, int orderId, string executionId, CorrectExecutionRequest request) => new()
        {
            OrderId = orderId,
            ExecutionId = executionId,
            CorrectionId = CorrectionId(check, executionId, request.CorrectionId),
            Quantity = check.Optional("quantity", request.Quantity),
            Price = check.OptionalAmount("price", request.Price),
            Commission = check.OptionalAmount("commission", request.Commission),
            Tax = check.OptionalAmount("tax", request.Tax),
            FeeCurrency = check.OptionalCurrency("feeCurrency", request.FeeCurrency),
            Rate = check.OptionalRate("rate", request.Rate, check.Time("executedAt", request.ExecutedAt)),
            FeeQuantity = check.OptionalNotNegative("feeQuantity", request.FeeQuantity),
            Amount = check.OptionalAmount("amount", request.Amount),
            OccurredAt = check.Time("executedAt", request.ExecutedAt),
        };

    private static BustExecution Busted(
        Check check, int orderId, string executionId, BustExecutionRequest request) => new()
        {
            OrderId = orderId,
            ExecutionId = executionId,
            CorrectionId = CorrectionId(check, executionId, request.CorrectionId),
            OccurredAt = check.Time("occurredAt", request.OccurredAt),
        };

    private static string? CorrectionId(Check check, string executionId, string? value)
    {
        if (value == executionId)
            check.Add("correctionId", "is the id of what is corrected; the correction has another, or none.");
        return check.OptionalExternalId("correctionId", value);
    }

    private static async Task<KnownFact?> Known(
        Writes writes, int portfolioId, string executionId, CancellationToken cancel) =>
        await writes.Ledger.FactOf(ExternalIds.Key(portfolioId, executionId), cancel) is { FundingId: null } known
            ? known
            : null;

    private static CommandKey? Key(int portfolioId, string? correctionId) =>
        correctionId is null ? null : ExternalIds.Key(portfolioId, correctionId);
}

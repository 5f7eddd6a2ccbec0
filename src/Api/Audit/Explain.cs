using System.Text.Json.Serialization;
using Bifrost.Api.Access;
using Bifrost.Api.Http;
using Bifrost.Api.Instruments;
using Bifrost.Domain;
using Bifrost.Domain.Holdings;
using Bifrost.Instruments;
using Bifrost.Replay.Explaining;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Bifrost.Api.Audit;

/// <summary>A number, and the events that make it up: the amounts sum to it exactly.</summary>
/// <param name="Sequence">The last event that was read for it.</param>
/// <param name="Lots">For quantity, costBasis and marketValue: the open lots.</param>
public sealed record ExplanationView(
    int PortfolioId,
    string Field,
    string? Symbol,
    decimal Value,
    long Sequence,
    IReadOnlyList<ContributionView> Contributions,
    IReadOnlyList<ExplainedLotView> Lots)
{
    /// <summary>For marketValue: the price that the shares are valued with.</summary>
    public ExplainedPriceView? Price { get; init; }

    /// <summary>What amounts of money are in; null for the portfolio's own currency.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Currency { get; init; }

    public static ExplanationView Of(Explanation explained) => new(
        explained.PortfolioId,
        ExplainRoute.Word(explained.Field),
        explained.Symbol,
        explained.Value,
        explained.Sequence,
        [.. explained.Contributions.Select(ContributionView.Of)],
        [.. explained.Lots.Select(ExplainedLotView.Of)])
    {
        Currency = explained.Currency,
        Price = explained.Price is { } price
            ? new ExplainedPriceView(price.Price, price.Time?.UtcDateTime, price.Source, price.Multiplier)
            : null,
    };
}

/// <param name="Type">The event's type, or rounding for what the value is rounded by.</param>
/// <param name="Amount">What the event adds to the value.</param>
public sealed record ContributionView(
    long Sequence, string Type, DateTime OccurredAt, DateTime RecordedAt, decimal Amount)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Symbol { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? FundingId { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? OrderId { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ExecutionId { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? TransactionId { get; init; }

    /// <summary>Shares of the fill; below zero for a sale.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public decimal? Quantity { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public decimal? Price { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public decimal? Fees { get; init; }

    /// <summary>The lots that a fill closed.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<MatchView>? Matches { get; init; }

    public static ContributionView Of(Contribution part) => new(
        part.Sequence, part.Type, part.OccurredAt.UtcDateTime, part.RecordedAt.UtcDateTime, part.Amount)
    {
        Symbol = part.Symbol,
        FundingId = part.FundingId,
        OrderId = part.OrderId,
        ExecutionId = part.ExecutionId,
        TransactionId = part.TransactionId,
        Quantity = part.Quantity,
        Price = part.Price,
        Fees = part.Fees,
        Matches = part.Matches.IsEmpty ? null : [.. part.Matches.Select(MatchView.Of)],
    };
}

/// <summary>A part of a lot that was closed; realizedPnl is proceeds less cost.</summary>
public sealed record MatchView(int LotId, decimal Quantity, decimal Cost, decimal Proceeds, decimal RealizedPnl)
{
    public static MatchView Of(LotMatch match) =>
        new(match.LotId, match.Quantity, match.Cost, match.Proceeds, match.RealizedPnl);
}

/// <param name="Sequence">Of the event that opened the lot.</param>
public sealed record ExplainedLotView(
    string Symbol, int LotId, DateTime OpenedAt, decimal Quantity, decimal CostBasis, long Sequence)
{
    public static ExplainedLotView Of(ExplainedLot lot) =>
        new(lot.Symbol, lot.LotId, lot.OpenedAt.UtcDateTime, lot.Quantity, lot.CostBasis, lot.Sequence);
}

/// <param name="Time">When the bar began whose close it is; null for the price of the latest fill.</param>
/// <param name="Source">min, hour or day: how long that bar is; or fill.</param>
/// <param name="Multiplier">What one of the quantity is worth at a price of one, where that is not one.</param>
public sealed record ExplainedPriceView(decimal Price, DateTime? Time, string Source, decimal? Multiplier);

public static class ExplainRoute
{
    private static readonly Dictionary<string, ExplainedField> Fields = new(StringComparer.OrdinalIgnoreCase)
    {
        ["cash"] = ExplainedField.Cash,
        ["quantity"] = ExplainedField.Quantity,
        ["costBasis"] = ExplainedField.CostBasis,
        ["realizedPnl"] = ExplainedField.RealizedPnl,
        ["marketValue"] = ExplainedField.MarketValue,
    };

    /// <summary>The fields as callers name them.</summary>
    public static IEnumerable<string> Words => Fields.Keys;

    public static string Word(ExplainedField field) => Fields.Single(word => word.Value == field).Key;

    internal static void Map(IEndpointRouteBuilder api) => api.MapGet("/audit/explain", Handle)
        .OpenTo(AccessRule.AuditPortfolio)
        .LeavesAccessRecord().ReadsHistory()
        .WithName("Explain").WithTags("Audit")
        .WithSummary("Lists the events, and the lots, that make up a number of a portfolio or a holding")
        .ProducesProblem(400).ProducesProblem(404).ProducesProblem(503);

    /// <summary>Checks a question as it was asked; what is wrong with it is in the check.</summary>
    public static Question Read(
        Check check,
        int? portfolioId,
        string? field,
        string? symbol,
        string? currency,
        string? sequence,
        string? asOf)
    {
        var id = check.Id("portfolioId", portfolioId);
        if (!Fields.TryGetValue(field ?? "", out var known))
            check.Add("field", $"is one of {string.Join(", ", Words)}.");
        var question = new Question(
            id,
            known,
            check.OptionalSymbol("symbol", symbol),
            sequence is null ? null : Pages.Number(check, "sequence", sequence, 0),
            check.Time("asOf", asOf))
        {
            Currency = check.OptionalCurrency("currency", currency),
        };
        if (!check.Failed && Explainer.Misfit(question) is var (part, reason))
            check.Add(part, reason);
        return question;
    }

    private static async Task<Results<Ok<ExplanationView>, ProblemHttpResult>> Handle(
        int? portfolioId,
        string? field,
        string? symbol,
        string? currency,
        string? sequence,
        string? asOf,
        HttpContext http)
    {
        var check = new Check(TimeProvider.System);
        var explainer = http.RequestServices.GetRequiredService<Explainer>();
        var question = Read(check, portfolioId, field, symbol, currency, sequence, asOf);
        if (check.Failed)
            return check.Problem;
        var instruments = http.RequestServices.GetRequiredService<InstrumentCatalog>();
        question = question with { Symbol = question.Symbol is { } name ? instruments.Primary(name) : null };
        return await explainer.Explain(question, http.RequestAborted) switch
        {
            Explained.Found found => TypedResults.Ok(ExplanationView.Of(found.Explanation)),
            Explained.NoHolding => Problems.Of(
                Problems.HoldingNotFound,
                $"Portfolio {question.PortfolioId} {(IsPast(question) ? "had" : "has")} no holding of "
                + $"{question.Symbol}{(IsPast(question) ? " then" : "")}."),
            _ => Problems.Of(
                RejectionCode.PortfolioNotFound,
                $"There {(IsPast(question) ? "was" : "is")} no portfolio {question.PortfolioId}"
                + $"{(IsPast(question) ? " then" : "")}."),
        };
    }

    private static bool IsPast(Question question) => question.Sequence is not null || question.AsOf is not null;
}

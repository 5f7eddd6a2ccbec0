using System.Collections.Immutable;
using Bifrost.Domain.Holdings;

namespace Bifrost.Replay.Explaining;

/// <summary>A number of a portfolio or of a holding that events add up to.</summary>
public enum ExplainedField
{
    Cash,
    Quantity,
    CostBasis,
    RealizedPnl,
    MarketValue,
}

/// <summary>What is to be explained, and as of when: now, where neither a sequence nor a time is given.</summary>
/// <param name="Symbol">Null for the whole portfolio.</param>
/// <param name="Sequence">With the events up to this one.</param>
/// <param name="AsOf">With the events that were recorded until then.</param>
public sealed record Question(
    int PortfolioId, ExplainedField Field, string? Symbol = null, long? Sequence = null, DateTimeOffset? AsOf = null)
{
    /// <summary>
    /// Of the whole portfolio: the code of the currency whose cash or cost is meant; null for the portfolio's own.
    /// </summary>
    public string? Currency { get; init; }
}

/// <summary>What one event adds to a number.</summary>
/// <param name="Type">The event's stored name; <see cref="Contributions.Rounding"/> where no event adds it.</param>
/// <param name="Amount">Exact, in the unit of the number: shares for a quantity, else the portfolio's currency.</param>
public sealed record Contribution(
    long Sequence, string Type, DateTimeOffset OccurredAt, DateTimeOffset RecordedAt, decimal Amount)
{
    public string? Symbol { get; init; }

    public int? FundingId { get; init; }

    public int? OrderId { get; init; }

    public string? ExecutionId { get; init; }

    public int? TransactionId { get; init; }

    /// <summary>Shares that the event bought, or sold where it is below zero.</summary>
    public decimal? Quantity { get; init; }

    public decimal? Price { get; init; }

    /// <summary>Commission and tax of the fill.</summary>
    public decimal? Fees { get; init; }

    /// <summary>The lots that the event closed, where the number follows from them.</summary>
    public ImmutableArray<LotMatch> Matches { get; init; } = [];
}

/// <summary>A lot that is open at the moment that is explained.</summary>
/// <param name="Sequence">Of the event that opened it.</param>
public sealed record ExplainedLot(
    string Symbol, int LotId, DateTimeOffset OpenedAt, decimal Quantity, decimal CostBasis, long Sequence);

/// <summary>The price that a position is valued with.</summary>
/// <param name="Time">When the bar began whose close it is; null for the price of the latest fill.</param>
/// <param name="Source">min, hour or day: how long that bar is; bar where that is not known any more; or fill.</param>
public sealed record ExplainedPrice(decimal Price, DateTimeOffset? Time, string Source)
{
    /// <summary>What one of the quantity is worth at a price of one, where that is not one.</summary>
    public decimal? Multiplier { get; init; }

    /// <summary>Decimals of what is shown of the value.</summary>
    public int Decimals { get; init; } = 2;
}

/// <summary>A number, and what it consists of: the amounts of the contributions sum to it exactly.</summary>
/// <param name="Sequence">The last event that was read for it, which need not have added anything.</param>
/// <param name="Lots">
/// For a quantity, a cost basis or a market value: the open lots, whose quantities and costs sum to the position's.
/// </param>
public sealed record Explanation(
    int PortfolioId,
    ExplainedField Field,
    string? Symbol,
    decimal Value,
    long Sequence,
    ImmutableArray<Contribution> Contributions,
    ImmutableArray<ExplainedLot> Lots)
{
    /// <summary>What a market value was computed with; null for the other fields.</summary>
    public ExplainedPrice? Price { get; init; }

    /// <summary>The code of what amounts of money are in; null for the portfolio's own currency.</summary>
    public string? Currency { get; init; }
}

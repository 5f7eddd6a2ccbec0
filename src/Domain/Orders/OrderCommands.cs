using System.Collections.Immutable;

namespace Bifrost.Domain.Orders;

public sealed record PlaceOrder : Command
{
    public string? ClientOrderId { get; init; }

    public required string Symbol { get; init; }

    public required OrderSide Side { get; init; }

    public required OrderType Type { get; init; }

    public required decimal Quantity { get; init; }

    public decimal? LimitPrice { get; init; }

    public decimal? StopPrice { get; init; }

    public TimeInForce TimeInForce { get; init; }

    public ImmutableArray<LotPick> Lots { get; init; } = [];

    /// <summary>Fees that a buy is expected to cost, reserved beside its price.</summary>
    public decimal EstimatedFees { get; init; }
}

/// <summary>Changes what is given; a member left null stays as it is.</summary>
public sealed record ReplaceOrder : OrderCommand
{
    public decimal? Quantity { get; init; }

    public decimal? LimitPrice { get; init; }

    public decimal? StopPrice { get; init; }

    public TimeInForce? TimeInForce { get; init; }
}

public sealed record CancelOrder : OrderCommand;

public sealed record ExpireOrder : OrderCommand;

public sealed record ExecuteOrder : OrderCommand
{
    public required string ExecutionId { get; init; }

    public required decimal Quantity { get; init; }

    public required decimal Price { get; init; }

    public decimal Commission { get; init; }

    public decimal Tax { get; init; }

    /// <inheritdoc cref="FillTerms.FeeCurrency"/>
    public string? FeeCurrency { get; init; }

    /// <summary>What the fill's currency was worth in the portfolio's own, where it is known.</summary>
    public Rate? Rate { get; init; }

    public decimal FeeQuantity { get; init; }

    public decimal? Amount { get; init; }

    public string? Venue { get; init; }

    public FillTerms Terms => new()
    {
        Quantity = Quantity, Price = Price, Commission = Commission, Tax = Tax, FeeCurrency = FeeCurrency,
        FeeQuantity = FeeQuantity, Amount = Amount,
    };
}

/// <summary>A fill that had no order here: an import, or a broker's own.</summary>
public sealed record RecordExecution : Command
{
    public required string ExecutionId { get; init; }

    public required string Symbol { get; init; }

    public required OrderSide Side { get; init; }

    public required decimal Quantity { get; init; }

    public required decimal Price { get; init; }

    public decimal Commission { get; init; }

    public decimal Tax { get; init; }

    /// <inheritdoc cref="FillTerms.FeeCurrency"/>
    public string? FeeCurrency { get; init; }

    /// <summary>What the fill's currency was worth in the portfolio's own, where it is known.</summary>
    public Rate? Rate { get; init; }

    public decimal FeeQuantity { get; init; }

    public decimal? Amount { get; init; }

    public ImmutableArray<LotPick> Lots { get; init; } = [];

    public FillTerms Terms => new()
    {
        Quantity = Quantity, Price = Price, Commission = Commission, Tax = Tax, FeeCurrency = FeeCurrency,
        FeeQuantity = FeeQuantity, Amount = Amount,
    };
}

/// <summary>What a correction changes of a fill; a member left null stays as it was reported.</summary>
public sealed record FillChanges
{
    public decimal? Quantity { get; init; }

    public decimal? Price { get; init; }

    public decimal? Commission { get; init; }

    public decimal? Tax { get; init; }

    public string? FeeCurrency { get; init; }

    public Rate? Rate { get; init; }

    public decimal? FeeQuantity { get; init; }

    public decimal? Amount { get; init; }

    public FillTerms ApplyTo(FillTerms booked) => new()
    {
        Quantity = Quantity ?? booked.Quantity,
        Price = Price ?? booked.Price,
        Commission = Commission ?? booked.Commission,
        Tax = Tax ?? booked.Tax,
        FeeCurrency = FeeCurrency ?? booked.FeeCurrency,
        FeeQuantity = FeeQuantity ?? booked.FeeQuantity,
        Amount = Amount ?? booked.Amount,
    };
}

/// <summary>A command that changes what was booked of an order.</summary>
public abstract record AmendExecution : OrderCommand
{
    /// <summary>The id of the fill, or of any correction of it.</summary>
    public required string ExecutionId { get; init; }

    /// <summary>The id that the venue gave the amendment itself.</summary>
    public string? CorrectionId { get; init; }
}

public sealed record CorrectExecution : AmendExecution
{
    public decimal? Quantity { get; init; }

    public decimal? Price { get; init; }

    public decimal? Commission { get; init; }

    public decimal? Tax { get; init; }

    public string? FeeCurrency { get; init; }

    public Rate? Rate { get; init; }

    public decimal? FeeQuantity { get; init; }

    public decimal? Amount { get; init; }

    public FillChanges Changes => new()
    {
        Quantity = Quantity, Price = Price, Commission = Commission, Tax = Tax, FeeCurrency = FeeCurrency,
        Rate = Rate, FeeQuantity = FeeQuantity, Amount = Amount,
    };
}

public sealed record BustExecution : AmendExecution;

/// <summary>A command that changes what was booked of a fill that had no order here.</summary>
public abstract record AmendRecorded : Command
{
    /// <inheritdoc cref="AmendExecution.ExecutionId"/>
    public required string ExecutionId { get; init; }

    /// <summary>Of the fill; whatever is corrected, it stays.</summary>
    public required string Symbol { get; init; }

    /// <inheritdoc cref="AmendExecution.CorrectionId"/>
    public string? CorrectionId { get; init; }
}

public sealed record CorrectRecorded : AmendRecorded
{
    public required FillChanges Changes { get; init; }
}

public sealed record BustRecorded : AmendRecorded;

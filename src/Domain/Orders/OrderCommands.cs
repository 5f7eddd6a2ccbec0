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

    public string? Venue { get; init; }
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

    public ImmutableArray<LotPick> Lots { get; init; } = [];
}

/// <summary>A command that changes what was booked.</summary>
public abstract record AmendExecution : OrderCommand
{
    public required string ExecutionId { get; init; }
}

public sealed record CorrectExecution : AmendExecution
{
    public decimal? Quantity { get; init; }

    public decimal? Price { get; init; }

    public decimal? Commission { get; init; }

    public decimal? Tax { get; init; }
}

public sealed record BustExecution : AmendExecution;

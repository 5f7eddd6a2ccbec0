namespace Bifrost.Api.Orders;

/// <summary>A row of the order table.</summary>
public sealed record OrderView
{
    public int OrderId { get; init; }

    public int PortfolioId { get; init; }

    public string Symbol { get; init; } = "";

    public string OrderType { get; init; } = "";

    public string Side { get; init; } = "";

    public decimal Quantity { get; init; }

    /// <summary>The limit price, where the order has one.</summary>
    public decimal? Price { get; init; }

    public decimal? StopPrice { get; init; }

    public string Status { get; init; } = "";

    public decimal FilledQuantity { get; init; }

    /// <summary>Mean price of the fills.</summary>
    public decimal? FilledPrice { get; init; }

    public string TimeInForce { get; init; } = "";

    public DateTime? FilledAt { get; init; }

    public DateTime CreatedAt { get; init; }

    public DateTime UpdatedAt { get; init; }

    public string? ClientOrderId { get; init; }

    public decimal ReservedCash { get; init; }

    /// <summary>What is reserved is in it; null for the portfolio's own currency.</summary>
    public string? Currency { get; init; }

    /// <summary>Why a REJECTED order was refused.</summary>
    public string? RejectedFor { get; init; }

    public const string Sql =
        """
        SELECT order_id, portfolio_id, symbol, order_type, side, quantity, price, stop_price, status, filled_quantity,
               filled_price, time_in_force, filled_at, created_at, updated_at, client_order_id, reserved_cash,
               rejected_for, currency
        FROM "order"
        """;
}

namespace Bifrost.Api.Portfolios;

/// <summary>A portfolio as the read API shows it. Amounts are in its currency.</summary>
public sealed record PortfolioView
{
    public int PortfolioId { get; init; }

    public int UserId { get; init; }

    public string Name { get; init; } = "";

    public string? Description { get; init; }

    public string Currency { get; init; } = "";

    public string LotMethod { get; init; } = "";

    public bool AllowShort { get; init; }

    public bool AllowOverdraft { get; init; }

    /// <summary>Deposits on the date of the first one.</summary>
    public decimal InitialCapital { get; init; }

    public decimal CashBalance { get; init; }

    /// <summary>Held back by open buy orders.</summary>
    public decimal ReservedCash { get; init; }

    /// <summary>Cash less what is reserved.</summary>
    public decimal BuyingPower { get; init; }

    /// <summary>Cash and holdings at their last known prices.</summary>
    public decimal CurrentValue { get; init; }

    /// <summary>Net of all fees, exact.</summary>
    public decimal RealizedPnl { get; init; }

    public decimal UnrealizedPnl { get; init; }

    public bool IsActive { get; init; }

    /// <summary>Events of the portfolio so far; what If-Match compares.</summary>
    public long Version { get; init; }

    public DateTime CreatedAt { get; init; }

    public DateTime UpdatedAt { get; init; }

    public const string Sql =
        """
        SELECT p.portfolio_id, p.user_id, p.name, p.description, p.currency, p.lot_method, p.allow_short,
               p.allow_overdraft, p.initial_capital, p.cash_balance, p.reserved_cash,
               p.cash_balance - p.reserved_cash AS buying_power, p.current_value, p.realized_pnl,
               (SELECT coalesce(sum(h.unrealized_pnl), 0) FROM holding h
                WHERE h.portfolio_id = p.portfolio_id) AS unrealized_pnl,
               p.is_active, p.version, p.created_at, p.updated_at
        FROM portfolio p
        """;
}

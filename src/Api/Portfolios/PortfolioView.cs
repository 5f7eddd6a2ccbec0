using System.Text.Json.Serialization;
using Bifrost.Replay.TimeTravel;

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

    /// <summary>Held back by open buy orders; null of an effective moment, which knows facts and no orders.</summary>
    public decimal? ReservedCash { get; init; }

    /// <summary>
    /// Cash less what is reserved, of all currencies at the rates of now less the haircut; null of an effective moment,
    /// and where something is owed in a currency whose rate is not known.
    /// </summary>
    public decimal? BuyingPower { get; init; }

    /// <summary>
    /// Cash and holdings at their last known prices and rates; null where a rate is not known.
    /// </summary>
    public decimal? CurrentValue { get; init; }

    /// <summary>Net of all fees, exact; null where a rate was not known.</summary>
    public decimal? RealizedPnl { get; init; }

    /// <summary>Null where a rate is not known, or was not.</summary>
    public decimal? UnrealizedPnl { get; init; }

    /// <summary>The part of cash in other currencies that buying power leaves out.</summary>
    public decimal CurrencyHaircut { get; init; }

    public bool IsActive { get; init; }

    /// <summary>Events of the portfolio so far; what If-Match compares.</summary>
    public long Version { get; init; }

    public DateTime CreatedAt { get; init; }

    public DateTime UpdatedAt { get; init; }

    /// <summary>The last event that was known, where a moment was asked for.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Sequence { get; init; }

    public static PortfolioView Of(ValuedPast valued, bool isEffective)
    {
        var state = valued.Portfolio.State;
        return new PortfolioView
        {
            PortfolioId = state.PortfolioId,
            UserId = state.UserId,
            Name = state.Name,
            Description = state.Description,
            Currency = state.Currency.Code,
            LotMethod = state.LotMethod.ToString(),
            AllowShort = state.AllowShort,
            AllowOverdraft = state.AllowOverdraft,
            InitialCapital = state.InitialCapital,
            CashBalance = state.Cash,
            ReservedCash = isEffective ? null : state.ReservedCash,
            BuyingPower = isEffective
                ? null
                : Domain.Portfolios.BuyingPower.Of(state, (code, _) => valued.Rates.GetValueOrDefault(code)),
            CurrentValue = valued.Portfolio.CurrentValue,
            RealizedPnl = state.IsRealizedPnlWhole ? state.RealizedPnl : null,
            UnrealizedPnl = valued.Holdings.Aggregate(
                (decimal?)0, (sum, row) => sum + row.UnrealizedInBase(valued.Rates.GetValueOrDefault)),
            CurrencyHaircut = state.CurrencyHaircut,
            IsActive = state.IsActive,
            Version = valued.Past.Version,
            CreatedAt = state.CreatedAt.UtcDateTime,
            UpdatedAt = state.UpdatedAt.UtcDateTime,
            Sequence = valued.Past.Sequence,
        };
    }

    public const string Sql =
        """
        SELECT p.portfolio_id, p.user_id, p.name, p.description, p.currency, p.lot_method, p.allow_short,
               p.allow_overdraft, p.initial_capital, p.cash_balance, p.reserved_cash,
               CASE WHEN c.is_there THEN ledger.buying_power_of(p.portfolio_id)
                    ELSE p.cash_balance - p.reserved_cash END AS buying_power,
               p.current_value, p.realized_pnl,
               CASE WHEN c.is_there THEN ledger.unrealized_pnl_of(p.portfolio_id)
                    ELSE (SELECT coalesce(sum(h.unrealized_pnl), 0) FROM holding h
                          WHERE h.portfolio_id = p.portfolio_id) END AS unrealized_pnl,
               p.currency_haircut, p.is_active, p.version, p.created_at, p.updated_at
        FROM portfolio p
        CROSS JOIN LATERAL (SELECT EXISTS (
            SELECT FROM cash_balance o
            WHERE o.portfolio_id = p.portfolio_id AND o.reserved IS NOT NULL)) AS c (is_there)
        """;
}

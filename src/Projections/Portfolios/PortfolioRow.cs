using Bifrost.Domain.Holdings;
using Bifrost.Domain.Portfolios;
using Bifrost.Projections.Holdings;
using static Bifrost.Projections.ColumnRole;

namespace Bifrost.Projections.Portfolios;

public sealed record PortfolioRow(Portfolio State)
{
    private readonly decimal? given;
    private readonly bool isGiven;

    // Moved by cash; where holdings changed, which are written before, their values are summed up anew.
    private static readonly MarkSql Value = new(
        "u.cash_balance",
        """
        u.cash_balance + CASE
            WHEN u.holdings_changed AND u.has_currencies THEN ledger.worth_of(t.portfolio_id)
            WHEN u.holdings_changed
            THEN coalesce((SELECT sum(h.market_value) FROM holding h WHERE h.portfolio_id = t.portfolio_id), 0)
            ELSE t.current_value - t.cash_balance END
        """);

    public static readonly Table<PortfolioRow> Table = new Table<PortfolioRow>("portfolio")
        .Whole("portfolio_id", Key, row => row.State.PortfolioId)
        .Whole("user_id", Fixed, row => row.State.UserId)
        .Text("name", Changing, row => row.State.Name)
        .Text("description", Changing, row => row.State.Description)
        .Number("initial_capital", Changing, row => row.State.InitialCapital)
        .Mark("current_value", Value, row => row.CurrentValue)
        .Number("cash_balance", Changing, row => row.State.Cash)
        .Bool("is_active", Changing, row => row.State.IsActive)
        .Time("created_at", Fixed, row => row.State.CreatedAt)
        .Time("updated_at", Changing, row => row.State.UpdatedAt)
        .Text("currency", Fixed, row => row.State.Currency.Code)
        .Text("lot_method", Changing, row => row.State.LotMethod.ToString())
        .Bool("allow_short", Changing, row => row.State.AllowShort)
        .Bool("allow_overdraft", Changing, row => row.State.AllowOverdraft)
        .Number("reserved_cash", Changing, row => row.State.ReservedCash)
        .Number("realized_pnl", Changing, row => row.State.IsRealizedPnlWhole ? row.State.RealizedPnl : null)
        .Whole("version", Changing, row => row.State.Version)
        .Number("currency_haircut", Changing, row => row.State.CurrencyHaircut)
        .Whole("decimals", Fixed, row => Display.DecimalsOf(row.State.Currency))
        .Told("has_currencies", row => !row.State.OtherCash.IsEmpty)
        .Told("holdings_changed", row => row.HoldingsChanged);

    /// <summary>Whether what it is worth moved with more than its cash.</summary>
    public bool HoldingsChanged { get; init; }

    /// <summary>
    /// What it has beside the cash of its own currency. At the prices of the latest fills, with no rates, unless said
    /// otherwise.
    /// </summary>
    public decimal? Worth
    {
        get => isGiven ? given : WorthOf(State, State.Holdings.Values.Select(Row), _ => null);
        init => (given, isGiven) = (value, true);
    }

    /// <summary>All that it has; null where a rate is not known.</summary>
    public decimal? CurrentValue => State.Cash + Worth;

    /// <summary>
    /// The market values of holdings, each as it is shown, and the cash in other currencies: what is in another
    /// currency together, at its rate, with the decimals of the portfolio's own.
    /// </summary>
    /// <param name="rate">Of a currency in the portfolio's own; null where it is not known.</param>
    public static decimal? WorthOf(Portfolio state, IEnumerable<HoldingRow> holdings, Func<string, decimal?> rate)
    {
        var (own, others) = (0m, state.OtherCash.ToDictionary(other => other.Key, other => other.Value.Balance));
        foreach (var holding in holdings)
        {
            if (holding.State.Currency is { } other)
                others[other] += holding.MarketValue;
            else
                own += holding.MarketValue;
        }
        return others.Where(other => other.Value != 0).Aggregate(
            (decimal?)own,
            (worth, other) => worth + (rate(other.Key) is { } known
                ? Display.Amount(other.Value * known, state.Currency)
                : null));
    }

    private HoldingRow Row(Holding holding) => new(State.PortfolioId, State.Currency, holding);
}

using System.Globalization;
using Bifrost.Domain;
using Bifrost.Domain.Holdings;
using static Bifrost.Projections.ColumnRole;

namespace Bifrost.Projections.Holdings;

/// <summary>
/// A position, marked with a price of the market, or of its latest fill where the market has told none.
/// </summary>
/// <param name="Own">The portfolio's currency.</param>
public sealed record HoldingRow(int PortfolioId, Currency Own, Holding State)
{
    // A fill does not put back what the market says. A position that was flat has not followed the market, so it takes
    // the latest price when it is opened again.
    // After a split the price that was told before it is one of a new share.
    private static readonly MarkSql Price = new(
        $"coalesce({OfMarket("u", Told)}, u.current_price)",
        $"""
        CASE WHEN t.quantity = 0 OR t.splits IS DISTINCT FROM u.splits
             THEN coalesce({OfMarket("t", Told)}, u.current_price)
             WHEN t.price_at IS NULL THEN u.current_price
             ELSE t.current_price END
        """);

    private static readonly MarkSql PriceTime = new(
        OfMarket("u", "p.time"),
        $"""
        CASE WHEN t.quantity = 0 OR t.splits IS DISTINCT FROM u.splits THEN {OfMarket("t", "p.time")}
             ELSE t.price_at END
        """);

    public static readonly Table<HoldingRow> Table = new Table<HoldingRow>("holding")
        .Whole("holding_id", Key, row => row.State.HoldingId)
        .Whole("portfolio_id", Fixed, row => row.PortfolioId)
        .Text("symbol", Fixed, row => row.State.Symbol)
        .Number("quantity", Changing, row => row.State.Quantity)
        .Number("average_price", Changing, row => row.AveragePrice)
        .Mark("current_price", Price, row => row.Mark.Price)
        .Number("market_value", Generated, row => row.MarketValue)
        .Number("unrealized_pnl", Generated, row => row.UnrealizedPnl)
        .Number("unrealized_pnl_percent", Generated, row => row.UnrealizedPnlPercent)
        .Time("created_at", Fixed, row => row.State.CreatedAt)
        .Time("updated_at", Changing, row => row.State.UpdatedAt)
        .Number("cost_basis", Changing, row => row.State.CostBasis)
        .Number("realized_pnl", Changing, row => row.State.RealizedPnl)
        .Mark("price_at", PriceTime, row => row.Mark.At)
        .Text("splits", Changing, row => row.Splits)
        .Number("multiplier", Changing, row => row.Multiplier)
        .Text("currency", Fixed, row => row.State.Currency)
        .Whole("decimals", Fixed, row => Display.DecimalsOf(row.Currency))
        .Number("base_cost_basis", Changing, row => row.State.Currency is null ? null : row.State.BaseCostBasis)
        .Number("base_realized_pnl", Changing, row => row.State.InBase is { IsWhole: true } pnl ? pnl.Realized : null)
        .Number("fx_realized_pnl", Changing, row => row.State.InBase is { IsWhole: true } pnl ? pnl.Fx : null);

    private const string Told = "ledger.marked(p.price, p.time, p.bar_interval, u.splits)";

    /// <summary>What the position is valued with.</summary>
    public PriceMark Mark { get; init; } = new(State.LastPrice, null);

    /// <summary>When each split was effective, and its terms, as the database reads them; null where none.</summary>
    private string? Splits => State.Splits.IsEmpty
        ? null
        : string.Join(';', State.Splits.Select(split => string.Create(
            CultureInfo.InvariantCulture,
            $"{split.EffectiveAt.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'} {split.Numerator} {split.Denominator}")));

    public decimal AveragePrice =>
        Display.Price(State.CostBasis, State.Quantity * Multiplier, State.IsFinelyPriced == true);

    /// <summary>What prices and amounts are in.</summary>
    public Currency Currency => State.Currency is { } other ? Currency.Of(other) : Own;

    public decimal MarketValue => Display.Amount(Value, Currency);

    public decimal UnrealizedPnl => Display.Amount(Value - State.CostBasis, Currency);

    public decimal UnrealizedPnlPercent =>
        Display.Ratio((Value - State.CostBasis) * 100, Math.Abs(State.CostBasis));

    /// <summary>The value in the portfolio's currency, as it is shown; null where the rate is not known.</summary>
    /// <param name="rate">Of the holding's currency; null where it is not known.</param>
    public decimal? ValueInBase(Rate? rate) =>
        State.Currency is null ? MarketValue : rate is null ? null : Display.Amount(Value * rate.Value, Own);

    /// <summary>
    /// The unrealized P&amp;L in the portfolio's currency, as it is shown; null where a rate is not known, or was not.
    /// </summary>
    /// <param name="rateOf">The rate of a currency; null where it is not known.</param>
    public decimal? UnrealizedInBase(Func<string, Rate?> rateOf) => State.Currency is not { } other ? UnrealizedPnl
        : rateOf(other) is { } rate && State.BaseCostBasis is { } cost
            ? Display.Amount(Value * rate.Value - cost, Own)
            : null;

    /// <summary>
    /// The part of it that comes of the rate: what was paid, at the rate of now less at that of then.
    /// </summary>
    /// <inheritdoc cref="UnrealizedInBase"/>
    public decimal? UnrealizedFx(Func<string, Rate?> rateOf) =>
        State.Currency is { } other && rateOf(other) is { } rate && State.BaseCostBasis is { } cost
            ? Display.Amount(State.CostBasis * rate.Value - cost, Own)
            : null;

    public decimal Multiplier => State.Multiplier ?? 1;

    private decimal Value => State.Quantity * Mark.Price * Multiplier;

    private static string OfMarket(string row, string what) =>
        $"(SELECT {what} FROM market_last_price p WHERE p.symbol = {row}.symbol)";
}

/// <summary>A price to value a position with.</summary>
/// <param name="At">When the bar began whose close it is; null for the price of the latest fill.</param>
public readonly record struct PriceMark(decimal Price, DateTimeOffset? At);

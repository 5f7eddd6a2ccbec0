using System.Collections.Immutable;
using Bifrost.Domain.Funding;
using Bifrost.Domain.Holdings;
using Bifrost.Domain.Orders;
using Bifrost.Domain.Trades;

namespace Bifrost.Domain.Portfolios;

/// <summary>
/// All that the ledger knows of one portfolio: the consistency boundary. A value; every event makes the next one, so
/// what was decided and not committed is given up by forgetting a reference.
/// </summary>
public sealed record Portfolio
{
    public required int PortfolioId { get; init; }

    public required int UserId { get; init; }

    public required string Name { get; init; }

    public string? Description { get; init; }

    public required Currency Currency { get; init; }

    public required LotMethod LotMethod { get; init; }

    public bool AllowShort { get; init; }

    public bool AllowOverdraft { get; init; }

    public bool IsActive { get; init; } = true;

    public required int CashBalanceId { get; init; }

    public decimal Cash { get; init; }

    public DateTimeOffset CashChangedAt { get; init; }

    /// <summary>When the latest change of cash was recorded.</summary>
    public DateTimeOffset CashRecordedAt { get; init; }

    public decimal ReservedCash { get; init; }

    /// <summary>Deposits on the date of the first one.</summary>
    public decimal InitialCapital { get; init; }

    public DateOnly? FirstDepositOn { get; init; }

    public decimal RealizedPnl { get; init; }

    public ImmutableDictionary<string, Holding> Holdings { get; init; } = ImmutableDictionary<string, Holding>.Empty;

    /// <summary>Shares that open sales hold back, by symbol.</summary>
    public ImmutableDictionary<string, decimal> ReservedShares { get; init; } =
        ImmutableDictionary<string, decimal>.Empty;

    /// <summary>Working orders, and ended ones until they are forgotten.</summary>
    public ImmutableDictionary<int, Order> Orders { get; init; } = ImmutableDictionary<int, Order>.Empty;

    /// <summary>The latest round trip of each symbol.</summary>
    public ImmutableDictionary<string, Trade> Trades { get; init; } = ImmutableDictionary<string, Trade>.Empty;

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Events of the portfolio, over all of its streams.</summary>
    public long Version { get; init; }

    /// <summary>Events of the stream <c>portfolio-N</c>.</summary>
    public long OwnVersion { get; init; }

    /// <summary>Events of the stream <c>funding-N</c>.</summary>
    public long FundingVersion { get; init; }

    public decimal BuyingPower => Cash - ReservedCash;

    public decimal AvailableShares(string symbol) =>
        (Holdings.TryGetValue(symbol, out var holding) ? holding.Quantity : 0)
        - ReservedShares.GetValueOrDefault(symbol);

    public Position PositionIn(string symbol) =>
        new(PortfolioId, Currency, Holdings.GetValueOrDefault(symbol), Trades.GetValueOrDefault(symbol));

    /// <summary>Events so far in a stream whose state is in memory; null where it is not.</summary>
    public long? VersionOf(LedgerEvent happened) => happened switch
    {
        PortfolioEvent => OwnVersion,
        FundingEvent or FundingRestated => FundingVersion,
        HoldingEvent e => Holdings.GetValueOrDefault(e.Symbol)?.Version ?? 0,
        OrderEvent e => Orders.GetValueOrDefault(e.OrderId)?.Version ?? 0,
        TradeOpened => 0,
        TradeFilled e => Trades[e.Symbol].Version,
        TradeEvent => null,
        _ => throw new InvalidHistoryException(happened, "any state"),
    };

    /// <summary>
    /// Takes an order out of memory. What an ended order still can be asked for (a repeated, corrected or busted
    /// execution) is read from its stream again.
    /// </summary>
    public Portfolio Forget(int orderId) => this with { Orders = Orders.Remove(orderId) };

    public Portfolio Remember(Order order) => this with { Orders = Orders.SetItem(order.OrderId, order) };

    public static Portfolio Evolve(Portfolio? state, Recorded recorded)
    {
        var at = recorded.RecordedAt;
        var next = (state, recorded.Event) switch
        {
            (null, PortfolioOpened e) => Open(e),
            ({ } p, PortfolioRenamed e) => p with { Name = e.Name, Description = e.Description },
            ({ } p, PortfolioSettingsChanged e) => p with
            {
                LotMethod = e.LotMethod, AllowShort = e.AllowShort, AllowOverdraft = e.AllowOverdraft,
            },
            ({ IsActive: true } p, PortfolioClosed) => p with { IsActive = false },
            ({ } p, CashMoved e) => p.Fund(e),
            ({ } p, FundingRestated e) => p.AddCash(e.CashAmount, e.OccurredAt) with
            {
                FundingVersion = p.FundingVersion + 1,
                InitialCapital = e.InitialCapital,
                FirstDepositOn = e.FirstDepositOn,
            },
            ({ } p, WithdrawalRejected) => p with { FundingVersion = p.FundingVersion + 1 },
            ({ } p, OrderEvent e) => p.With(Order.Evolve(p.Orders.GetValueOrDefault(e.OrderId), e, at)),
            ({ } p, HoldingEvent e) => p.With(Holding.Evolve(p.Holdings.GetValueOrDefault(e.Symbol), e, at), e),
            ({ } p, TradeEvent e) => p.Trade(e, at),
            // A ledger never skips history it does not understand.
            _ => throw new InvalidHistoryException(recorded.Event, state is null ? "no portfolio" : "a portfolio"),
        };
        return next with
        {
            UpdatedAt = at,
            CashRecordedAt = (next.Cash, next.CashChangedAt) == (state?.Cash, state?.CashChangedAt)
                ? next.CashRecordedAt
                : at,
            Version = next.Version + 1,
            OwnVersion = next.OwnVersion + (recorded.Event is PortfolioEvent ? 1 : 0),
        };
    }

    private static Portfolio Open(PortfolioOpened e) => new()
    {
        PortfolioId = e.PortfolioId,
        UserId = e.UserId,
        Name = e.Name,
        Description = e.Description,
        Currency = Currency.Of(e.Currency),
        LotMethod = e.LotMethod,
        AllowShort = e.AllowShort,
        AllowOverdraft = e.AllowOverdraft,
        CashBalanceId = e.CashBalanceId,
        CreatedAt = e.OccurredAt,
        CashChangedAt = e.OccurredAt,
    };

    private Portfolio Fund(CashMoved e)
    {
        var next = AddCash(e.CashAmount, e.OccurredAt) with { FundingVersion = FundingVersion + 1 };
        if (e is not CashDeposited)
            return next;
        var on = DateOnly.FromDateTime(e.OccurredAt.UtcDateTime);
        return (FirstDepositOn ?? on) == on
            ? next with { FirstDepositOn = on, InitialCapital = InitialCapital + e.Amount }
            : next;
    }

    private Portfolio AddCash(decimal amount, DateTimeOffset at) =>
        amount == 0 ? this : this with { Cash = Cash + amount, CashChangedAt = at };

    private Portfolio With(Order order)
    {
        var before = Orders.GetValueOrDefault(order.OrderId);
        var shares = order.ReservedShares - (before?.ReservedShares ?? 0);
        var held = ReservedShares.GetValueOrDefault(order.Symbol) + shares;
        return this with
        {
            Orders = Orders.SetItem(order.OrderId, order),
            ReservedCash = ReservedCash + order.ReservedCash - (before?.ReservedCash ?? 0),
            ReservedShares = shares == 0 ? ReservedShares
                : held == 0 ? ReservedShares.Remove(order.Symbol)
                : ReservedShares.SetItem(order.Symbol, held),
        };
    }

    private Portfolio With(Holding holding, HoldingEvent e)
    {
        var before = Holdings.GetValueOrDefault(holding.Symbol);
        var cash = e switch
        {
            HoldingFilled filled => filled.CashAmount,
            HoldingRestated restated => restated.CashAmount,
            _ => 0,
        };
        return AddCash(cash, e.OccurredAt) with
        {
            Holdings = Holdings.SetItem(holding.Symbol, holding),
            RealizedPnl = RealizedPnl + holding.RealizedPnl - (before?.RealizedPnl ?? 0),
        };
    }

    // Only the latest round trip of a symbol is kept; a restatement may make an earlier one the open one again.
    private Portfolio Trade(TradeEvent e, DateTimeOffset at)
    {
        if (e is TradeVoided voided)
        {
            return Trades.TryGetValue(voided.Symbol, out var latest) && latest.TradeId == voided.TradeId
                ? this with { Trades = Trades.Remove(voided.Symbol) }
                : this;
        }
        var symbol = e is TradeRestated restated ? restated.Trade.Symbol : ((TradeFilled)e).Symbol;
        var known = Trades.GetValueOrDefault(symbol);
        var next = Domain.Trades.Trade.Evolve(e is TradeOpened || known?.TradeId != e.TradeId ? null : known, e, at);
        return known is null || known.TradeId == next.TradeId || next.OpenQuantity > 0
            ? this with { Trades = Trades.SetItem(symbol, next) }
            : this;
    }
}

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

    /// <summary>
    /// The part of cash in other currencies that buying power leaves out, because rates move: 0.05 of five percent.
    /// </summary>
    public decimal CurrencyHaircut { get; init; }

    public required int CashBalanceId { get; init; }

    /// <summary>In the portfolio's own currency.</summary>
    public decimal Cash { get; init; }

    public DateTimeOffset CashChangedAt { get; init; }

    /// <summary>When the latest change of cash was recorded.</summary>
    public DateTimeOffset CashRecordedAt { get; init; }

    /// <summary>What open buys hold back of it.</summary>
    public decimal ReservedCash { get; init; }

    /// <summary>Cash in other currencies, by their codes.</summary>
    public ImmutableDictionary<string, CashAccount> OtherCash { get; init; } =
        ImmutableDictionary<string, CashAccount>.Empty;

    /// <summary>Deposits on the date of the first one.</summary>
    public decimal InitialCapital { get; init; }

    public DateOnly? FirstDepositOn { get; init; }

    /// <summary>
    /// In the portfolio's currency; of holdings in others as far as their rates were known, see
    /// <see cref="IsRealizedPnlWhole"/>.
    /// </summary>
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

    /// <summary>What is free in the portfolio's own currency.</summary>
    public decimal BuyingPower => Cash - ReservedCash;

    /// <summary>Whether all of the realized P&amp;L could be told in the portfolio's currency.</summary>
    public bool IsRealizedPnlWhole =>
        OtherCash.IsEmpty || Holdings.Values.All(holding => holding.InBase?.IsWhole != false);

    /// <param name="currency">A code; null for the portfolio's own.</param>
    public decimal CashIn(string? currency) =>
        currency is null || currency == Currency.Code ? Cash : OtherCash.GetValueOrDefault(currency)?.Balance ?? 0;

    /// <summary>Cash that is not held back.</summary>
    /// <inheritdoc cref="CashIn"/>
    public decimal FreeIn(string? currency) => currency is null || currency == Currency.Code
        ? BuyingPower
        : OtherCash.TryGetValue(currency, out var other) ? other.Balance - other.Reserved : 0;

    /// <inheritdoc cref="CashIn"/>
    public decimal ReservedIn(string? currency) =>
        currency is null ? ReservedCash : OtherCash.GetValueOrDefault(currency)?.Reserved ?? 0;

    /// <inheritdoc cref="CashIn"/>
    public Currency CurrencyOf(string? currency) => currency is null ? Currency : Domain.Currency.Of(currency);

    /// <summary>A code as events have it: null for the portfolio's own currency.</summary>
    public string? ForeignCode(string? currency) => currency == Currency.Code ? null : currency;

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
                CurrencyHaircut = e.CurrencyHaircut ?? 0,
            },
            ({ } p, CashAccountOpened e) when !p.OtherCash.ContainsKey(e.Currency) => p.Open(e, at),
            ({ IsActive: true } p, PortfolioClosed) => p with { IsActive = false },
            ({ } p, CashMoved e) => p.Fund(e, at),
            ({ } p, FundingRestated e) => p.Move(e, at) with
            {
                FundingVersion = p.FundingVersion + 1,
                InitialCapital = e.InitialCapital,
                FirstDepositOn = e.FirstDepositOn,
            },
            ({ } p, WithdrawalRejected) => p with { FundingVersion = p.FundingVersion + 1 },
            ({ } p, OrderEvent e) => p.With(Order.Evolve(p.Orders.GetValueOrDefault(e.OrderId), e, at)),
            ({ } p, HoldingEvent e) => p.With(Holding.Evolve(p.Holdings.GetValueOrDefault(e.Symbol), e, at), e, at),
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
        CurrencyHaircut = e.CurrencyHaircut ?? 0,
        CashBalanceId = e.CashBalanceId,
        CreatedAt = e.OccurredAt,
        CashChangedAt = e.OccurredAt,
    };

    private Portfolio Open(CashAccountOpened e, DateTimeOffset recordedAt) => this with
    {
        OtherCash = OtherCash.Add(e.Currency, new CashAccount
        {
            CashBalanceId = e.CashBalanceId, OpenedAt = e.OccurredAt, ChangedAt = e.OccurredAt,
            RecordedAt = recordedAt,
        }),
    };

    private Portfolio Fund(CashMoved e, DateTimeOffset recordedAt)
    {
        var next = Move(e, recordedAt) with { FundingVersion = FundingVersion + 1 };
        if (e is not CashDeposited { Currency: null })
            return next;
        var on = DateOnly.FromDateTime(e.OccurredAt.UtcDateTime);
        return (FirstDepositOn ?? on) == on
            ? next with { FirstDepositOn = on, InitialCapital = InitialCapital + e.Amount }
            : next;
    }

    // Most events move cash in the portfolio's own currency alone.
    private Portfolio Move(LedgerEvent happened, DateTimeOffset recordedAt) => happened switch
    {
        CashMoved { Currency: null } e and not CashExchanged => AddCash(e.CashAmount, e.OccurredAt),
        HoldingFilled { Currency: null, FeeCurrency: null } e => AddCash(e.CashAmount, e.OccurredAt),
        _ => CashMoves.Of(happened).Aggregate(this, (p, move) => p.AddCash(move, happened, recordedAt)),
    };

    private Portfolio AddCash(decimal amount, DateTimeOffset at) =>
        amount == 0 ? this : this with { Cash = Cash + amount, CashChangedAt = at };

    private Portfolio AddCash(CashMove move, LedgerEvent happened, DateTimeOffset recordedAt)
    {
        if (ForeignCode(move.Currency) is not { } other)
            return AddCash(move.Amount, happened.OccurredAt);
        return OtherCash.TryGetValue(other, out var account)
            ? this with
            {
                OtherCash = OtherCash.SetItem(other, account with
                {
                    Balance = account.Balance + move.Amount, ChangedAt = happened.OccurredAt, RecordedAt = recordedAt,
                }),
            }
            : throw new InvalidHistoryException(happened, $"no cash in {other}");
    }

    private Portfolio With(Order order)
    {
        var before = Orders.GetValueOrDefault(order.OrderId);
        var shares = order.ReservedShares - (before?.ReservedShares ?? 0);
        var held = ReservedShares.GetValueOrDefault(order.Symbol) + shares;
        var cash = order.ReservedCash - (before?.ReservedCash ?? 0);
        return this with
        {
            Orders = Orders.SetItem(order.OrderId, order),
            ReservedCash = ReservedCash + (order.Currency is null ? cash : 0),
            OtherCash = order.Currency is { } other && cash != 0
                ? OtherCash.SetItem(other, OtherCash[other] with { Reserved = OtherCash[other].Reserved + cash })
                : OtherCash,
            ReservedShares = shares == 0 ? ReservedShares
                : held == 0 ? ReservedShares.Remove(order.Symbol)
                : ReservedShares.SetItem(order.Symbol, held),
        };
    }

    private Portfolio With(Holding holding, HoldingEvent e, DateTimeOffset recordedAt)
    {
        var before = Holdings.GetValueOrDefault(holding.Symbol);
        return Move(e, recordedAt) with
        {
            Holdings = Holdings.SetItem(holding.Symbol, holding),
            RealizedPnl = RealizedPnl + holding.KnownRealizedPnl - (before?.KnownRealizedPnl ?? 0),
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

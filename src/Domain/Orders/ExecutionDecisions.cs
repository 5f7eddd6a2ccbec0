using System.Collections.Immutable;
using Bifrost.Domain.Holdings;
using Bifrost.Domain.Instruments;
using Bifrost.Domain.Portfolios;

namespace Bifrost.Domain.Orders;

/// <summary>
/// Fills as the venue reports them. They are facts: a fill is booked also where it overdraws, where it is more than its
/// order was for, and where the order has ended here, and the answer says so.
/// </summary>
public static class ExecutionDecisions
{
    // Arms are in order of precedence; the precedence test holds one row for each rejection.
    public static Decision Execute(Portfolio p, Order o, ExecuteOrder c, Surroundings around)
    {
        var instrument = around.InstrumentOf(o.Symbol);
        var terms = c.Terms.In(p.CurrencyOf(CurrencyOf(p, instrument)));
        if (o.Executions.TryGetValue(c.ExecutionId, out var first))
            return Repeat(o, first, terms);
        if (o.Status == OrderStatus.REJECTED)
        {
            return Decision.Reject(
                RejectionCode.OrderNotWorking,
                $"Order {o.OrderId} was refused and never worked: a fill of it is booked as one that had no order "
                + $"here, by POST /api/portfolios/{p.PortfolioId}/executions.");
        }
        var lots = LotPicks.Take(o.Lots, c.Quantity);
        var fill = terms.ApplyTo(NewFill(p, c.ExecutionId, instrument, o.Side, lots, around.When(c)) with
        {
            OrderId = o.OrderId, Rate = RateOf(p, instrument, c, c.Rate, around),
        });
        return terms.Problem(fill, p, instrument) is { } problem
            ? Decision.Reject(problem.Code, problem.Detail)
            : Fill(p, o, c, fill, around);
    }

    public static Decision Record(Portfolio p, RecordExecution c, Surroundings around)
    {
        var instrument = around.InstrumentOf(c.Symbol);
        var terms = c.Terms.In(p.CurrencyOf(CurrencyOf(p, instrument)));
        var fill = terms.ApplyTo(NewFill(p, c.ExecutionId, instrument, c.Side, c.Lots, around.When(c)) with
        {
            Rate = RateOf(p, instrument, c, c.Rate, around),
        });
        if (terms.Problem(fill, p, instrument) is { } problem)
            return Decision.Reject(problem.Code, problem.Detail);
        if (OrderDecisions.LotsMisfit(p, c.Symbol, c.Side, fill.Quantity, c.Lots) is { } misfit)
            return Decision.Reject(RejectionCode.LotsDoNotFit, misfit);
        if (c.Side == OrderSide.SELL && !p.AllowShort && Today(p, fill) > p.AvailableShares(c.Symbol))
            return Decision.Reject(RejectionCode.InsufficientShares, OrderDecisions.Shares(p, c.Symbol));
        return Book(p, null, [], fill with { TransactionId = around.NextId(IdKind.Transaction) }, around);
    }

    /// <summary>The code of what an instrument is paid in, as events have it.</summary>
    public static string? CurrencyOf(Portfolio p, Instrument instrument) =>
        Currency.TryParse(instrument.Paid.Currency, out var paid) ? p.ForeignCode(paid.Code) : null;

    // A fill of now is valued at the rate of now; what occurred before, at the rate that is told with it.
    private static Rate? RateOf(Portfolio p, Instrument instrument, Command c, Rate? told, Surroundings around) =>
        CurrencyOf(p, instrument) is not { } other ? null
        : told ?? (c.OccurredAt is null ? around.Rates?.Invoke(other, p.Currency.Code) : null);

    // Without its terms, and without the id that it takes once it is clear that it is booked.
    private static Fill NewFill(
        Portfolio p,
        string executionId,
        Instrument instrument,
        OrderSide side,
        ImmutableArray<LotPick> lots,
        DateTimeOffset at) => new()
        {
            TransactionId = 0,
            ExecutionId = executionId,
            Symbol = instrument.Symbol,
            Side = side,
            Quantity = 0,
            Price = 0,
            Multiplier = instrument.Paid.Multiplier == 1 ? null : instrument.Paid.Multiplier,
            Currency = CurrencyOf(p, instrument),
            Commission = 0,
            Tax = 0,
            OccurredAt = at,
            Method = MethodFor(p, lots),
            Lots = lots,
        };

    private static Decision Repeat(Order o, Execution first, FillTerms terms) => first.Terms == terms
        ? Decision.Accept(OrderDecisions.Told(o.OrderId, o.Status) with { TransactionId = first.TransactionId })
        : Decision.Reject(
            RejectionCode.ExecutionIdReused,
            $"Execution {first.ExecutionId} was reported as {first.Quantity} at {first.Price}; to change it, correct "
            + "it.");

    private static Decision Fill(Portfolio p, Order o, ExecuteOrder c, Fill fill, Surroundings around)
    {
        var executed = new OrderExecuted
        {
            PortfolioId = p.PortfolioId,
            OccurredAt = around.When(c),
            OrderId = o.OrderId,
            ExecutionId = c.ExecutionId,
            TransactionId = around.NextId(IdKind.Transaction),
            Quantity = c.Quantity,
            Price = c.Price,
            Commission = c.Commission,
            Tax = c.Tax,
            FeeCurrency = fill.FeeCurrency,
            FeeQuantity = c.FeeQuantity == 0 ? null : c.FeeQuantity,
            Amount = c.Amount,
            Venue = c.Venue,
            ReleasedCash = o.ReservedCash - o.ReserveFor(o.Unfilled - c.Quantity, p.CurrencyOf(o.Currency)),
        };
        var after = Order.Evolve(o, executed, around.Now);
        return Book(
            p, ToldOf(after), [executed], fill with { TransactionId = executed.TransactionId }, around);
    }

    /// <summary>What is told of an order after a fill came, or has other terms.</summary>
    public static Effect ToldOf(Order after) => OrderDecisions.Told(after.OrderId, after.Status) with
    {
        Overfilled = after.FilledQuantity > after.Quantity ? true : null,
        AfterEnd = after.Status == OrderStatus.CANCELLED ? true : null,
    };

    // Lots that a seller names are a specific identification under any method but the pool.
    private static LotMethod MethodFor(Portfolio p, ImmutableArray<LotPick> lots) =>
        lots.IsEmpty || p.LotMethod == LotMethod.AVERAGE ? p.LotMethod : LotMethod.SPECIFIC;

    private static decimal Today(Portfolio p, Fill fill) =>
        p.Holdings.GetValueOrDefault(fill.Symbol)?.SharesToday(fill.Quantity, fill.OccurredAt) ?? fill.Quantity;

    private static Decision Book(
        Portfolio p, Effect? effect, ImmutableArray<LedgerEvent> before, Fill fill, Surroundings around)
    {
        var position = p.PositionIn(fill.Symbol);
        if ((position.Holding?.IsBeforeSplit(fill.OccurredAt) == true
            ? BookBeforeSplit(p, fill, around)
            : BookNext(position, fill, around)) is not var (booked, quantity))
            return Decision.Reject(RejectionCode.AmountTooLarge, Money.LimitTold);
        var opening = CashAccounts.Opening(
            p, fill.OccurredAt, around.NextId, fill.Currency, p.ForeignCode(fill.FeeCurrency));
        return Decision.Accept(
            (effect ?? Effect.None) with
            {
                TransactionId = fill.TransactionId,
                Overdrawn = Overdraws(p, fill, booked),
                Oversold = position.Quantity + quantity < 0 && !p.AllowShort && fill.Side == OrderSide.SELL
                    ? true
                    : null,
            },
            [.. opening, .. before, .. booked]);
    }

    // Most fills move cash in the portfolio's own currency alone.
    private static bool? Overdraws(Portfolio p, Fill fill, ImmutableArray<LedgerEvent> booked)
    {
        if (fill is { Currency: null, FeeCurrency: null } && booked[0] is HoldingFilled { CashAmount: var cash })
            return cash < 0 && p.Cash + cash < 0 ? true : null;
        return p.Overdraws(CashMoves.Sum([.. booked.SelectMany(e => CashMoves.Of(e))]));
    }

    private static (ImmutableArray<LedgerEvent> Facts, decimal Quantity)? BookNext(
        Position position, Fill fill, Surroundings around)
    {
        var pooled = Booking.Pool(position, fill);
        if (pooled is not null)
            position = position with { Holding = position.Holding!.Pool() };
        var booked = Booking.Book(position, fill, around.NextId);
        return (pooled is null ? booked : [pooled, .. booked], fill.SignedQuantity);
    }

    // The fill is of shares that have been split since: what was booked after it is booked again, if it fits then.
    private static (ImmutableArray<LedgerEvent> Facts, decimal Quantity)? BookBeforeSplit(
        Portfolio p, Fill fill, Surroundings around)
    {
        var history = around.History!;
        var other = history.With(fill.TransactionId, fill);
        var restatement = new Restatement(p, fill.Symbol, history, other, around.NextId);
        if (!restatement.Fits)
            return null;
        var booked = restatement.Of(fill.TransactionId, fill, fill.OccurredAt, isNew: true);
        return (booked, ((HoldingRestated)booked[0]).QuantityChange);
    }
}

using System.Collections.Immutable;
using Bifrost.Domain.Holdings;
using Bifrost.Domain.Portfolios;

namespace Bifrost.Domain.Orders;

/// <summary>
/// Fills as the venue reports them. A fill that fits its order is a fact: it is booked even where it overdraws.
/// </summary>
public static class ExecutionDecisions
{
    // Arms are in order of precedence; the precedence test holds one row for each rejection.
    public static Decision Execute(Portfolio p, Order o, ExecuteOrder c, Surroundings around) => (o, c) switch
    {
        _ when o.Executions.TryGetValue(c.ExecutionId, out var first) => Repeat(o, first, c),
        ({ IsWorking: false }, _) => OrderDecisions.NotWorking(o),
        _ when c.Quantity > o.Unfilled => Decision.Reject(
            RejectionCode.ExecutionTooLarge, $"{o.Unfilled} of order {o.OrderId} are unfilled, {c.Quantity} came in."),
        _ when !Fits(c.Quantity, c.Price, c.Commission + c.Tax) => TooLarge(),
        _ => Fill(p, o, c, around),
    };

    public static Decision Record(Portfolio p, RecordExecution c, Surroundings around) => c switch
    {
        _ when !Fits(c.Quantity, c.Price, c.Commission + c.Tax) => TooLarge(),
        _ when OrderDecisions.LotsMisfit(p, c.Symbol, c.Side, c.Quantity, c.Lots) is { } misfit =>
            Decision.Reject(RejectionCode.LotsDoNotFit, misfit),
        { Side: OrderSide.SELL } when !p.AllowShort && Today(p, c, around) > p.AvailableShares(c.Symbol) =>
            Decision.Reject(RejectionCode.InsufficientShares, OrderDecisions.Shares(p, c.Symbol)),
        _ => Book(p, null, [], new Fill
        {
            TransactionId = around.NextId(IdKind.Transaction),
            ExecutionId = c.ExecutionId,
            Symbol = c.Symbol,
            Side = c.Side,
            Quantity = c.Quantity,
            Price = c.Price,
            Commission = c.Commission,
            Tax = c.Tax,
            OccurredAt = around.When(c),
            Method = MethodFor(p, c.Lots),
            Lots = c.Lots,
        }, around),
    };

    /// <summary>Whether the fill's own amounts are exact; a product of amounts that do not fit may overflow.</summary>
    public static bool Fits(decimal quantity, decimal price, decimal fees) =>
        Money.Fits(quantity) && Money.Fits(price) && Money.Fits(quantity * price + fees);

    public static Decision TooLarge() => Decision.Reject(RejectionCode.AmountTooLarge, Money.LimitTold);

    private static Decision Repeat(Order o, Execution first, ExecuteOrder c)
    {
        var same = (first.Quantity, first.Price, first.Commission, first.Tax)
            == (c.Quantity, c.Price, c.Commission, c.Tax);
        return same
            ? Decision.Accept(OrderDecisions.Told(o.OrderId, o.Status) with { TransactionId = first.TransactionId })
            : Decision.Reject(
                RejectionCode.ExecutionIdReused,
                $"Execution {c.ExecutionId} was reported as {first.Quantity} at {first.Price}; "
                + "to change it, correct it.");
    }

    private static Decision Fill(Portfolio p, Order o, ExecuteOrder c, Surroundings around)
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
            Venue = c.Venue,
            ReleasedCash = Released(o.ReservedCash, c.Quantity, o.Unfilled, p.Currency),
        };
        var filled = o.FilledQuantity + c.Quantity == o.Quantity;
        var effect = OrderDecisions.Told(
            o.OrderId, filled ? OrderStatus.FILLED : OrderStatus.PARTIALLY_FILLED);
        var lots = LotPicks.Take(o.Lots, c.Quantity);
        return Book(p, effect, [executed], new Fill
        {
            TransactionId = executed.TransactionId,
            ExecutionId = c.ExecutionId,
            OrderId = o.OrderId,
            Symbol = o.Symbol,
            Side = o.Side,
            Quantity = c.Quantity,
            Price = c.Price,
            Commission = c.Commission,
            Tax = c.Tax,
            OccurredAt = executed.OccurredAt,
            Method = MethodFor(p, lots),
            Lots = lots,
        }, around);
    }

    /// <summary>The part of a reservation that a fill gives back: all of it with the last share.</summary>
    public static decimal Released(decimal reserved, decimal quantity, decimal unfilled, Currency currency) =>
        quantity == unfilled ? reserved : Money.ToCash(Money.Share(reserved, quantity, unfilled), currency);

    // Lots that a seller names are a specific identification under any method but the pool.
    private static LotMethod MethodFor(Portfolio p, ImmutableArray<LotPick> lots) =>
        lots.IsEmpty || p.LotMethod == LotMethod.AVERAGE ? p.LotMethod : LotMethod.SPECIFIC;

    private static decimal Today(Portfolio p, RecordExecution c, Surroundings around) =>
        p.Holdings.GetValueOrDefault(c.Symbol)?.SharesToday(c.Quantity, around.When(c)) ?? c.Quantity;

    private static Decision Book(
        Portfolio p, Effect? effect, ImmutableArray<LedgerEvent> before, Fill fill, Surroundings around)
    {
        var position = p.PositionIn(fill.Symbol);
        var (booked, moved, quantity) = position.Holding?.IsBeforeSplit(fill.OccurredAt) == true
            ? BookBeforeSplit(p, fill, around)
            : BookNext(position, fill, around);
        return Decision.Accept(
            (effect ?? Effect.None) with
            {
                TransactionId = fill.TransactionId,
                Overdrawn = moved < 0 && p.Cash + moved < 0 ? true : null,
                Oversold = position.Quantity + quantity < 0 && !p.AllowShort && fill.Side == OrderSide.SELL
                    ? true
                    : null,
            },
            [.. before, .. booked]);
    }

    private static (ImmutableArray<LedgerEvent> Facts, decimal Cash, decimal Quantity) BookNext(
        Position position, Fill fill, Surroundings around)
    {
        var pooled = Booking.Pool(position, fill);
        if (pooled is not null)
            position = position with { Holding = position.Holding!.Pool() };
        var booked = Booking.Book(position, fill, around.NextId);
        var cash = ((HoldingFilled)booked[0]).CashAmount;
        return (pooled is null ? booked : [pooled, .. booked], cash, fill.SignedQuantity);
    }

    // The fill is of shares that have been split since: what was booked after it is booked again.
    private static (ImmutableArray<LedgerEvent> Facts, decimal Cash, decimal Quantity) BookBeforeSplit(
        Portfolio p, Fill fill, Surroundings around)
    {
        var history = around.History!;
        var other = history.With(fill.TransactionId, fill);
        var booked = new Restatement(p, fill.Symbol, history, other, around.NextId)
            .Of(fill.TransactionId, fill, fill.OccurredAt, isNew: true);
        var restated = (HoldingRestated)booked[0];
        return (booked, restated.CashAmount, restated.QuantityChange);
    }
}

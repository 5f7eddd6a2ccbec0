using System.Collections.Immutable;
using Bifrost.Domain.Instruments;
using Bifrost.Domain.Portfolios;

namespace Bifrost.Domain.Orders;

public static class OrderDecisions
{
    /// <summary>What a market or stop buy reserves above the last known price, for a price that moves away.</summary>
    public const decimal Collar = 1.05m;

    public static Decision Place(Portfolio p, PlaceOrder c, Surroundings around)
    {
        var instrument = around.InstrumentOf(c.Symbol);
        if (Misfit(instrument, c.Quantity, c.LimitPrice, c.StopPrice) is { } misfit)
            return Decision.Reject(misfit.Code, misfit.Detail);
        if (instrument.UnkeptCurrency is { } unkept)
            return Decision.Reject(unkept.Code, unkept.Detail);
        var currency = c.Side == OrderSide.BUY ? ExecutionDecisions.CurrencyOf(p, instrument) : null;
        var reserve = c.Side == OrderSide.BUY ? Reserve(p, Terms(c, instrument), c.Quantity, c.EstimatedFees) : 0;
        var orderId = around.NextId(IdKind.Order);
        if (Refusal(p, c, currency, reserve, around) is { } rejection)
        {
            var refused = new OrderRejected
            {
                PortfolioId = p.PortfolioId, OccurredAt = around.When(c), OrderId = orderId,
                ClientOrderId = c.ClientOrderId, Symbol = c.Symbol, Side = c.Side, Type = c.Type,
                Quantity = c.Quantity, LimitPrice = c.LimitPrice, StopPrice = c.StopPrice,
                TimeInForce = c.TimeInForce, Lots = Named(c.Lots), Code = rejection.Code, Reason = rejection.Detail,
            };
            return Decision.Reject(rejection, Told(orderId, OrderStatus.REJECTED), refused);
        }
        var placed = new OrderPlaced
        {
            PortfolioId = p.PortfolioId, OccurredAt = around.When(c), OrderId = orderId,
            ClientOrderId = c.ClientOrderId, Symbol = c.Symbol, Side = c.Side, Type = c.Type,
            Quantity = c.Quantity, LimitPrice = c.LimitPrice, StopPrice = c.StopPrice,
            TimeInForce = c.TimeInForce, Lots = Named(c.Lots), Currency = currency,
            ReservedCash = reserve, EstimatedFees = c.EstimatedFees == 0 ? null : c.EstimatedFees,
        };
        return Decision.Accept(
            Told(orderId, OrderStatus.PENDING),
            [.. CashAccounts.Opening(p, placed.OccurredAt, around.NextId, currency), placed]);
    }

    // An instruction is held to what its instrument is traded in; what a venue did is not.
    private static Rejection? Misfit(Instrument instrument, decimal quantity, decimal? limit, decimal? stop)
    {
        if (Money.Normalize(quantity).Scale > instrument.QuantityDecimals)
        {
            return new Rejection(
                RejectionCode.TooManyDecimals,
                $"{instrument.Symbol} is traded in quantities of {instrument.QuantityDecimals} decimals; {quantity} "
                + "has more.");
        }
        foreach (var price in (ReadOnlySpan<decimal?>)[limit, stop])
        {
            if (instrument.Misfit(price, isFact: false) is { } misfit)
                return misfit;
            if (price is { } given && Money.Normalize(given).Scale > instrument.PriceDecimals)
            {
                return new Rejection(
                    RejectionCode.TooManyDecimals,
                    $"{instrument.Symbol} has prices of {instrument.PriceDecimals} decimals; {given} has more.");
            }
        }
        return null;
    }

    // In order of precedence; the precedence test holds one row for each rejection.
    private static Rejection? Refusal(
        Portfolio p, PlaceOrder c, string? currency, decimal reserve, Surroundings around)
    {
        if (!Money.Fits(reserve) || !Money.Fits(p.ReservedIn(currency) + reserve))
            return new Rejection(RejectionCode.AmountTooLarge, Money.LimitTold);
        if (LotsMisfit(p, c.Symbol, c.Side, c.Quantity, c.Lots) is { } misfit)
            return new Rejection(RejectionCode.LotsDoNotFit, misfit);
        if (c.Side == OrderSide.SELL && !p.AllowShort && c.Quantity > p.AvailableShares(c.Symbol))
            return new Rejection(RejectionCode.InsufficientShares, Shares(p, c.Symbol));
        if (c.Side == OrderSide.BUY && !p.AllowOverdraft && Lack(p, currency, reserve, around) is { } lack)
            return new Rejection(RejectionCode.InsufficientBuyingPower, lack);
        return null;
    }

    public static Decision Decide(Portfolio p, OrderCommand command, Surroundings around)
    {
        var order = p.Orders.GetValueOrDefault(command.OrderId);
        return (order, command) switch
        {
            (null, _) => Decision.Reject(RejectionCode.OrderNotFound, $"There is no order {command.OrderId}."),
            ({ } o, ExecuteOrder c) => ExecutionDecisions.Execute(p, o, c, around),
            ({ } o, AmendExecution c) => AmendmentDecisions.Decide(p, o, c, around),
            ({ IsWorking: true } o, ReplaceOrder c) => Replace(p, o, c, around),
            ({ IsWorking: true } o, CancelOrder c) => Decision.Accept(
                Told(o.OrderId, OrderStatus.CANCELLED),
                new OrderCancelled { PortfolioId = p.PortfolioId, OccurredAt = around.When(c), OrderId = o.OrderId }),
            ({ IsWorking: true } o, ExpireOrder c) => Decision.Accept(
                Told(o.OrderId, OrderStatus.CANCELLED),
                new OrderExpired { PortfolioId = p.PortfolioId, OccurredAt = around.When(c), OrderId = o.OrderId }),
            ({ Status: OrderStatus.CANCELLED } o, CancelOrder or ExpireOrder) =>
                Decision.Accept(Told(o.OrderId, OrderStatus.CANCELLED)),
            ({ } o, ReplaceOrder or CancelOrder or ExpireOrder) => NotWorking(o),
            _ => throw new InvalidOperationException($"{command.GetType().Name} is not a command to an order."),
        };
    }

    public static Decision NotWorking(Order o) => Decision.Reject(
        RejectionCode.OrderNotWorking,
        $"Order {o.OrderId} is {o.Status}; only a working order can be changed. What its venue did all the same is "
        + "booked as an execution of it.");

    public static Effect Told(int orderId, OrderStatus status) =>
        new() { OrderId = orderId, Status = status.ToString() };

    public static string Shares(Portfolio p, string symbol) =>
        $"{Money.Normalize(p.Holdings.GetValueOrDefault(symbol)?.Quantity ?? 0)} {symbol} are held, of which "
        + $"{Money.Normalize(p.ReservedShares.GetValueOrDefault(symbol))} are reserved by open orders.";

    private static string? Lack(Portfolio p, string? currency, decimal wanted, Surroundings around) =>
        BuyingPower.LackFor(p, currency, wanted, around) is { } lack
            ? $"{wanted} {p.CurrencyOf(currency)} would be reserved: {lack}"
            : null;

    private static Decision Replace(Portfolio p, Order o, ReplaceOrder c, Surroundings around)
    {
        var instrument = around.InstrumentOf(o.Symbol);
        var terms = new ReserveTerms(instrument, o.Type, c.LimitPrice ?? o.LimitPrice, c.StopPrice ?? o.StopPrice);
        var quantity = c.Quantity ?? o.Quantity;
        if ((quantity, terms.Limit, terms.Stop, c.TimeInForce ?? o.TimeInForce)
            == (o.Quantity, o.LimitPrice, o.StopPrice, o.TimeInForce))
        {
            return Decision.Accept(Told(o.OrderId, o.Status));
        }
        if (!OrderTerms.Fit(o.Type, terms.Limit, terms.Stop))
            return Decision.Reject(RejectionCode.OrderTermsDoNotFit, OrderTerms.Needed(o.Type));
        if (Misfit(instrument, quantity, terms.Limit, terms.Stop) is { } misfit)
            return Decision.Reject(misfit.Code, misfit.Detail);
        if (quantity < o.FilledQuantity)
        {
            return Decision.Reject(
                RejectionCode.ReplacementTooSmall,
                $"{o.FilledQuantity} are filled already; it can be reduced to that, which ends it as filled.");
        }
        var open = quantity - o.FilledQuantity;
        var fees = Money.Share(o.EstimatedFees, open, quantity);
        var reserve = o.Side == OrderSide.BUY ? Reserve(p, terms, open, fees) : 0;
        if (Refusal(p, o, quantity, reserve, around) is { } rejection)
        {
            var refused = new OrderReplaceRejected
            {
                PortfolioId = p.PortfolioId, OccurredAt = around.When(c), OrderId = o.OrderId, Quantity = quantity,
                LimitPrice = terms.Limit, StopPrice = terms.Stop, Code = rejection.Code, Reason = rejection.Detail,
            };
            return Decision.Reject(rejection, Told(o.OrderId, o.Status), refused);
        }
        var replaced = new OrderReplaced
        {
            PortfolioId = p.PortfolioId, OccurredAt = around.When(c), OrderId = o.OrderId, Quantity = quantity,
            LimitPrice = terms.Limit, StopPrice = terms.Stop, TimeInForce = c.TimeInForce ?? o.TimeInForce,
            ReservedCash = reserve,
        };
        return Decision.Accept(Told(o.OrderId, Order.Evolve(o, replaced, around.Now).Status), replaced);
    }

    private static Rejection? Refusal(
        Portfolio p, Order o, decimal quantity, decimal reserve, Surroundings around)
    {
        if (!Money.Fits(reserve) || !Money.Fits(p.ReservedIn(o.Currency) - o.ReservedCash + reserve))
            return new Rejection(RejectionCode.AmountTooLarge, Money.LimitTold);
        // What only gives back is taken, even where an amendment or a fee left less than is reserved.
        var (shares, cash) = (quantity - o.Quantity, reserve - o.ReservedCash);
        if (o.Side == OrderSide.SELL && !p.AllowShort && shares > 0 && shares > p.AvailableShares(o.Symbol))
            return new Rejection(RejectionCode.InsufficientShares, Shares(p, o.Symbol));
        if (o.Side == OrderSide.BUY && !p.AllowOverdraft && cash > 0
            && Lack(p, o.Currency, cash, around) is { } lack)
            return new Rejection(RejectionCode.InsufficientBuyingPower, lack);
        return null;
    }

    // What cash is held back for.
    private readonly record struct ReserveTerms(Instrument Of, OrderType Type, decimal? Limit, decimal? Stop);

    private static ReserveTerms Terms(PlaceOrder c, Instrument instrument) =>
        new(instrument, c.Type, c.LimitPrice, c.StopPrice);

    /// <summary>Cash that a buy of <paramref name="quantity"/> holds back.</summary>
    /// <remarks>
    /// Where no price is known a market order reserves nothing: its fill is a fact and is booked as it comes. Nor does
    /// a buy for which money would come in.
    /// </remarks>
    private static decimal Reserve(Portfolio p, ReserveTerms terms, decimal quantity, decimal fees)
    {
        var price = terms.Type switch
        {
            OrderType.LIMIT or OrderType.STOP_LIMIT => terms.Limit!.Value,
            OrderType.STOP => terms.Stop!.Value * Collar,
            OrderType.MARKET => (p.Holdings.GetValueOrDefault(terms.Of.Symbol)?.LastPrice ?? 0) * Collar,
            _ => throw new ArgumentOutOfRangeException(nameof(terms), terms.Type, "Not an order type."),
        };
        // A product of two amounts that do not fit may be more than a decimal holds; either alone is refused as it is.
        return !Money.Fits(quantity) ? quantity
            : !Money.Fits(price) ? price
            : Math.Abs(price * quantity) >= Money.Limit / terms.Of.Paid.Multiplier ? Money.Limit
            : Math.Max(
                Money.ToCash(
                    price * quantity * terms.Of.Paid.Multiplier + fees,
                    p.CurrencyOf(ExecutionDecisions.CurrencyOf(p, terms.Of))),
                0);
    }

    /// <summary>Why the named lots cannot be what a fill of this size closes; null where they can.</summary>
    public static string? LotsMisfit(
        Portfolio p, string symbol, OrderSide side, decimal quantity, ImmutableArray<LotPick> picks)
    {
        if (picks.IsEmpty)
            return null;
        if (p.LotMethod == LotMethod.AVERAGE)
            return "Under the AVERAGE method there is one pool and no lots to name.";
        var lots = p.Holdings.GetValueOrDefault(symbol)?.Lots ?? [];
        if (picks.Sum(pick => pick.Quantity) != quantity)
            return $"The lots add up to {picks.Sum(pick => pick.Quantity)}, the quantity is {quantity}.";
        foreach (var group in picks.GroupBy(pick => pick.LotId))
        {
            var lot = lots.Find(lot => lot.LotId == group.Key);
            if (lot is null || (lot.Quantity > 0) != (side == OrderSide.SELL))
                return $"Lot {group.Key} is not an open lot of {symbol} that this side closes.";
            if (group.Sum(pick => pick.Quantity) > Math.Abs(lot.Quantity))
                return $"Lot {group.Key} holds {Math.Abs(lot.Quantity)}.";
        }
        return null;
    }

    private static ImmutableArray<LotPick>? Named(ImmutableArray<LotPick> lots) => lots.IsEmpty ? null : lots;
}

using Bifrost.Domain.Holdings;
using Bifrost.Domain.Portfolios;

namespace Bifrost.Domain.Orders;

/// <summary>
/// Corrections and busts. The holding becomes what it would be had the execution always been so: its history is booked
/// again, and the differences are the facts.
/// </summary>
public static class AmendmentDecisions
{
    public static Decision Decide(Portfolio p, Order o, AmendExecution command, Surroundings around)
    {
        var first = o.Executions.GetValueOrDefault(command.ExecutionId);
        return (first, command) switch
        {
            (null, _) => Decision.Reject(
                RejectionCode.ExecutionNotFound, $"Order {o.OrderId} has no execution {command.ExecutionId}."),
            ({ IsBusted: true }, BustExecution) => Decision.Accept(Told(o, first)),
            ({ IsBusted: true }, _) => Decision.Reject(
                RejectionCode.ExecutionAlreadyBusted, $"Execution {command.ExecutionId} was busted."),
            ({ } e, BustExecution c) => Bust(p, o, e, c, around),
            ({ } e, CorrectExecution c) => Correct(p, o, e, c, around),
            _ => throw new InvalidOperationException($"{command.GetType().Name} is not an amendment."),
        };
    }

    private static Effect Told(Order o, Execution e) =>
        OrderDecisions.Told(o.OrderId, o.Status) with { TransactionId = e.TransactionId };

    private static Decision Bust(Portfolio p, Order o, Execution e, BustExecution c, Surroundings around)
    {
        // Shares of a cancelled order do not become workable again, so nothing is reserved for them.
        var reserved = o.Status == OrderStatus.CANCELLED ? 0 : e.ReleasedCash;
        var busted = new ExecutionBusted
        {
            PortfolioId = p.PortfolioId, OccurredAt = around.When(c), OrderId = o.OrderId,
            ExecutionId = e.ExecutionId, TransactionId = e.TransactionId, ReservedCash = reserved,
        };
        return Restate(p, o, busted, null, c, around);
    }

    private static Decision Correct(Portfolio p, Order o, Execution e, CorrectExecution c, Surroundings around)
    {
        var (quantity, price) = (c.Quantity ?? e.Quantity, c.Price ?? e.Price);
        var (commission, tax) = (c.Commission ?? e.Commission, c.Tax ?? e.Tax);
        var tradedAt = c.OccurredAt ?? e.OccurredAt;
        var open = o.Quantity - o.FilledQuantity + e.Quantity;
        if ((quantity, price, commission, tax, tradedAt)
            == (e.Quantity, e.Price, e.Commission, e.Tax, e.OccurredAt))
            return Decision.Accept(Told(o, e));
        if (quantity > open)
        {
            return Decision.Reject(
                RejectionCode.ExecutionTooLarge, $"{open} of order {o.OrderId} are open to this execution.");
        }
        if (!ExecutionDecisions.Fits(quantity, price, commission + tax))
            return ExecutionDecisions.TooLarge();
        var corrected = new ExecutionCorrected
        {
            PortfolioId = p.PortfolioId, OccurredAt = tradedAt, OrderId = o.OrderId,
            ExecutionId = e.ExecutionId, TransactionId = e.TransactionId,
            Quantity = quantity, Price = price, Commission = commission, Tax = tax,
            ReleasedCash = o.Status == OrderStatus.CANCELLED
                ? e.ReleasedCash
                : ExecutionDecisions.Released(o.ReservedCash + e.ReleasedCash, quantity, open, p.Currency),
        };
        var fill = around.History!.Fill(e.TransactionId) with
        {
            Quantity = quantity, Price = price, Commission = commission, Tax = tax, OccurredAt = corrected.OccurredAt,
        };
        return Restate(p, o, corrected, fill, c, around);
    }

    private static Decision Restate(
        Portfolio p, Order o, OrderEvent amended, Fill? fill, AmendExecution c, Surroundings around)
    {
        var transactionId = o.Executions[c.ExecutionId].TransactionId;
        var history = around.History!;
        var restatement = new Restatement(p, o.Symbol, history, history.With(transactionId, fill), around.NextId);
        var facts = restatement.Of(transactionId, fill, around.When(c));
        var restated = (HoldingRestated)facts[0];
        var after = Order.Evolve(o, amended, around.When(c));
        return Decision.Accept(
            OrderDecisions.Told(o.OrderId, after.Status) with
            {
                TransactionId = transactionId,
                Overdrawn = restated.CashAmount < 0 && p.Cash + restated.CashAmount < 0 ? true : null,
                Oversold = p.Holdings[o.Symbol].Quantity + restated.QuantityChange < 0 && !p.AllowShort ? true : null,
            },
            [amended, .. facts]);
    }
}

using System.Collections.Immutable;
using Bifrost.Domain.Holdings;
using Bifrost.Domain.Portfolios;
using Bifrost.Domain.Trades;

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
        var old = c.History!.Fills.Single(fill => fill.TransactionId == e.TransactionId);
        var fill = old with
        {
            Quantity = quantity, Price = price, Commission = commission, Tax = tax, OccurredAt = corrected.OccurredAt,
        };
        return Restate(p, o, corrected, fill, c, around);
    }

    private static Decision Restate(
        Portfolio p, Order o, OrderEvent amended, Fill? fill, AmendExecution c, Surroundings around)
    {
        var (history, at) = (c.History!, around.When(c));
        var transactionId = o.Executions[c.ExecutionId].TransactionId;
        var was = Rebooked.From(history, p.PortfolioId, p.Currency, around.NextId);
        var now = Rebooked.From(history.With(transactionId, fill), p.PortfolioId, p.Currency, around.NextId);
        var before = p.Holdings[o.Symbol];
        var restated = new HoldingRestated
        {
            PortfolioId = p.PortfolioId,
            OccurredAt = at,
            HoldingId = before.HoldingId,
            Symbol = o.Symbol,
            TransactionId = transactionId,
            Corrected = fill,
            Lots = now.Holding is null ? [] : [.. now.Holding.Lots],
            RealizedPnl = now.Holding?.RealizedPnl ?? 0,
            QuantityChange = (now.Holding?.Quantity ?? 0) - before.Quantity,
            CostChange = (now.Holding?.CostBasis ?? 0) - before.CostBasis,
            RealizedPnlChange = (now.Holding?.RealizedPnl ?? 0) - before.RealizedPnl,
            CashAmount = now.Cash - was.Cash,
            TradeIds = now.TradeIds.IsEmpty ? null : now.TradeIds,
            LastPrice = now.Holding?.LastPrice ?? 0,
        };
        var after = Order.Evolve(o, amended, at);
        return Decision.Accept(
            OrderDecisions.Told(o.OrderId, after.Status) with
            {
                TransactionId = transactionId,
                Overdrawn = restated.CashAmount < 0 && p.Cash + restated.CashAmount < 0 ? true : null,
                Oversold = before.Quantity + restated.QuantityChange < 0 && !p.AllowShort ? true : null,
            },
            [amended, restated, .. Trades(restated, was, now, history)]);
    }

    private static IEnumerable<LedgerEvent> Trades(
        HoldingRestated cause, Rebooked was, Rebooked now, HoldingHistory history)
    {
        var (portfolioId, at) = (cause.PortfolioId, cause.OccurredAt);
        foreach (var (id, _) in was.Trades.OrderBy(t => t.Key))
        {
            if (now.Trades.ContainsKey(id))
                continue;
            yield return new TradeVoided
            {
                PortfolioId = portfolioId,
                OccurredAt = at,
                TradeId = id,
                Symbol = cause.Symbol,
            };
        }
        foreach (var (id, trade) in now.Trades.OrderBy(t => t.Key))
        {
            if (was.Trades.TryGetValue(id, out var old) && Same(old, trade))
                continue;
            yield return new TradeRestated
            {
                PortfolioId = portfolioId, OccurredAt = at, TradeId = id, Trade = trade,
                Version = history.TradeVersions.GetValueOrDefault(id),
            };
        }
    }

    private static bool Same(Trade one, Trade other) =>
        one with { UpdatedAt = default, Version = 0 } == other with { UpdatedAt = default, Version = 0 };
}

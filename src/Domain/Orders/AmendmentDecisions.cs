using System.Collections.Immutable;
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
        var first = o.ExecutionOf(command.ExecutionId);
        return (first, command) switch
        {
            (null, _) => Decision.Reject(
                RejectionCode.ExecutionNotFound, $"Order {o.OrderId} has no execution {command.ExecutionId}."),
            ({ IsBusted: true }, BustExecution) => Decision.Accept(Told(o, first)),
            ({ IsBusted: true }, _) => AlreadyBusted(command.ExecutionId),
            ({ } e, BustExecution c) => Bust(p, o, e, c, around),
            ({ } e, CorrectExecution c) => Correct(p, o, e, c, around),
            _ => throw new InvalidOperationException($"{command.GetType().Name} is not an amendment."),
        };
    }

    public static Decision Decide(Portfolio p, AmendRecorded command, Surroundings around)
    {
        if (around.History is not { } history || !history.Recorded.TryGetValue(command.ExecutionId, out var id))
        {
            return Decision.Reject(
                RejectionCode.ExecutionNotFound,
                $"No execution {command.ExecutionId} is booked that had no order here.");
        }
        var told = new Effect { TransactionId = id };
        if (history.FindFill(id) is not { } fill)
            return command is BustRecorded ? Decision.Accept(told) : AlreadyBusted(command.ExecutionId);
        var corrected = (Fill?)null;
        if (command is CorrectRecorded c)
        {
            var (booked, tradedAt) = (FillTerms.Of(fill), c.OccurredAt ?? fill.OccurredAt);
            var terms = c.Changes.ApplyTo(booked).In(p.CurrencyOf(fill.Currency));
            var rate = fill.Currency is null ? null : c.Changes.Rate ?? fill.Rate;
            if ((terms, tradedAt, rate) == (booked, fill.OccurredAt, fill.Rate))
                return Decision.Accept(told);
            corrected = terms.ApplyTo(fill with { OccurredAt = tradedAt, Rate = rate });
            if (terms.Problem(corrected, p, around.InstrumentOf(c.Symbol)) is { } problem)
                return Decision.Reject(problem.Code, problem.Detail);
        }
        return Restate(p, fill, corrected, (command.CorrectionId, around.When(command)), told, [], around);
    }

    private static Decision AlreadyBusted(string executionId) => Decision.Reject(
        RejectionCode.ExecutionAlreadyBusted, $"Execution {executionId} was busted: what is true of it is a new one.");

    private static Effect Told(Order o, Execution e) =>
        OrderDecisions.Told(o.OrderId, o.Status) with { TransactionId = e.TransactionId };

    private static Decision Bust(Portfolio p, Order o, Execution e, BustExecution c, Surroundings around)
    {
        var busted = new ExecutionBusted
        {
            PortfolioId = p.PortfolioId, OccurredAt = around.When(c), OrderId = o.OrderId,
            ExecutionId = e.ExecutionId, CorrectionId = c.CorrectionId, TransactionId = e.TransactionId,
            ReservedCash = ReserveAfter(p, o, e, 0) - o.ReservedCash,
        };
        return Restate(p, o, busted, around.History!.Fill(e.TransactionId), null, c, around);
    }

    private static Decision Correct(Portfolio p, Order o, Execution e, CorrectExecution c, Surroundings around)
    {
        var booked = around.History!.Fill(e.TransactionId);
        var terms = c.Changes.ApplyTo(e.Terms).In(p.CurrencyOf(booked.Currency));
        var (tradedAt, rate) = (c.OccurredAt ?? e.OccurredAt, booked.Currency is null ? null : c.Rate ?? booked.Rate);
        if ((terms, tradedAt, rate) == (e.Terms, e.OccurredAt, booked.Rate))
            return Decision.Accept(Told(o, e));
        var fill = terms.ApplyTo(booked with { OccurredAt = tradedAt, Rate = rate });
        if (terms.Problem(fill, p, around.InstrumentOf(o.Symbol)) is { } problem)
            return Decision.Reject(problem.Code, problem.Detail);
        var corrected = new ExecutionCorrected
        {
            PortfolioId = p.PortfolioId, OccurredAt = tradedAt, OrderId = o.OrderId,
            ExecutionId = e.ExecutionId, CorrectionId = c.CorrectionId, TransactionId = e.TransactionId,
            Quantity = terms.Quantity, Price = terms.Price, Commission = terms.Commission, Tax = terms.Tax,
            FeeCurrency = terms.FeeCurrency, FeeQuantity = fill.FeeQuantity, Amount = terms.Amount,
            ReleasedCash = o.ReservedCash + e.ReleasedCash - ReserveAfter(p, o, e, terms.Quantity),
        };
        return Restate(p, o, corrected, booked, fill, c, around);
    }

    // Shares of a cancelled order do not become workable again, so nothing is reserved for them.
    private static decimal ReserveAfter(Portfolio p, Order o, Execution e, decimal quantity) =>
        o.Status == OrderStatus.CANCELLED
            ? 0
            : o.ReserveFor(o.Quantity - o.FilledQuantity + e.Quantity - quantity, p.CurrencyOf(o.Currency), e);

    private static Decision Restate(
        Portfolio p, Order o, OrderEvent amended, Fill booked, Fill? fill, AmendExecution c, Surroundings around)
    {
        var told = ExecutionDecisions.ToldOf(Order.Evolve(o, amended, around.When(c))) with
        {
            TransactionId = booked.TransactionId,
        };
        return Restate(p, booked, fill, (c.CorrectionId, around.When(c)), told, [amended], around);
    }

    private static Decision Restate(
        Portfolio p,
        Fill booked,
        Fill? corrected,
        (string? Id, DateTimeOffset At) amendment,
        Effect told,
        ImmutableArray<LedgerEvent> before,
        Surroundings around)
    {
        var (id, symbol, history) = (booked.TransactionId, booked.Symbol, around.History!);
        var restatement = new Restatement(p, symbol, history, history.With(id, corrected), around.NextId);
        if (!restatement.Fits)
            return Decision.Reject(RejectionCode.AmountTooLarge, Money.LimitTold);
        var facts = restatement.Of(id, corrected, amendment.At, amendment.Id);
        var restated = (HoldingRestated)facts[0];
        return Decision.Accept(
            told with
            {
                Overdrawn = p.Overdraws(CashMoves.Of(restated)),
                Oversold = p.Holdings[symbol].Quantity + restated.QuantityChange < 0 && !p.AllowShort ? true : null,
            },
            [
                .. CashAccounts.Opening(p, amendment.At, around.NextId, p.ForeignCode(corrected?.FeeCurrency)),
                .. before,
                .. facts,
            ]);
    }
}

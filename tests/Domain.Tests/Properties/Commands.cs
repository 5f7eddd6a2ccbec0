namespace Bifrost.Domain.Tests;

/// <summary>The command that a step means in the state it meets; null where there is nothing to do.</summary>
internal static class Commands
{
    public static Command? For(Step step, int index, Portfolio p) => step.Kind switch
    {
        StepKind.Record => Record(step, index, p),
        StepKind.Place => Place(step, p),
        StepKind.Execute when Working(p, step) is { } order => Execute(step, index, order),
        StepKind.Cancel when Working(p, step) is { } order => Do.Cancel(order.OrderId),
        StepKind.Expire when Working(p, step) is { } order => Do.Expire(order.OrderId),
        StepKind.Replace when Working(p, step) is { } order => Replace(step, order),
        StepKind.Fund => Fund(step),
        StepKind.AmendFunding when step.Pick % 3 == 0 => Do.Reverse(1 + step.Pick % 6),
        StepKind.AmendFunding => Do.CorrectFunding(Math.Ceiling(step.Price), funding: 1 + step.Pick % 6) with
        {
            OccurredAt = Given.Opening.AddDays(step.Days),
        },
        StepKind.AmendRecorded when step.Pick % 3 == 0 => new BustRecorded
        {
            ExecutionId = $"R{step.Pick % (index + 1)}", Symbol = step.Symbol,
        },
        StepKind.AmendRecorded => Amend(step, index),
        StepKind.Overfill when Placed(p, step) is { } order =>
            Execute(step, index, order) with { Quantity = order.Unfilled + step.Quantity },
        StepKind.Method => Do.MethodTo(step.Method),
        StepKind.Bust when Executed(p, step) is var (order, execution) => Do.Bust(execution, order.OrderId),
        StepKind.Correct when Executed(p, step) is var (order, execution) => Correct(step, order, execution),
        StepKind.Split when p.Holdings.ContainsKey(step.Symbol) => Split(step, index),
        _ => null,
    };

    private static readonly (int, int)[] Ratios = [(2, 1), (3, 2), (1, 10), (1, 3), (21, 20), (7, 1), (1, 1_000_000)];

    private static SplitShares Split(Step step, int index)
    {
        var (numerator, denominator) = Ratios[step.Pick % Ratios.Length];
        return Do.Split(numerator, denominator) with
        {
            Symbol = step.Symbol,
            OccurredAt = Given.Opening.AddHours(index).AddDays(step.Days),
        };
    }

    private static RecordExecution Record(Step step, int index, Portfolio p)
    {
        var held = p.Holdings.GetValueOrDefault(step.Symbol)?.Quantity ?? 0;
        var closes = held != 0 && (held > 0) == (step.Side == OrderSide.SELL);
        return new RecordExecution
        {
            ExecutionId = $"R{index}",
            Symbol = step.Symbol,
            Side = step.Side,
            // One in four goes flat, as small numbers rarely meet by chance.
            Quantity = closes && step.Pick % 4 == 0 ? Math.Abs(held) : step.Quantity,
            Price = Signed(step),
            Commission = Fee(step, 6),
            Tax = step.Pick % 3 == 0 ? Fee(step, 6) / 2 : 0,
            FeeCurrency = step.Pick % 6 == 0 ? "CHF" : null,
            Rate = step.Pick % 11 == 0 ? new Rate(1.234567m, null, Rate.Stated) : null,
            FeeQuantity = step.Pick % 7 == 0 ? decimal.Round(step.Quantity / 100, 8) : 0,
            Amount = step.Pick % 5 == 0 && step.Symbol is not ("OPT" or "SAP") ? Amount(step, p.Currency) : null,
            OccurredAt = Given.Opening.AddHours(index).AddDays(step.Days),
        };
    }

    // A little off the price, as a statement is.
    private static decimal Amount(Step step, Currency currency)
    {
        var fees = step.Pick % 6 == 0 ? 0 : step.Fee + (step.Pick % 3 == 0 ? step.Fee / 2 : 0);
        var gross = step.Quantity * step.Price * 1.004m;
        return Money.ToCash(step.Side == OrderSide.BUY ? gross + fees : gross - fees, currency);
    }

    // Some options are worth less than nothing.
    private static decimal Signed(Step step) =>
        step.Symbol == "OPT" && step.Pick % 3 == 0 ? -step.Price : step.Price;

    // Fees in another currency are paid there, so they are what can be paid, the half of them too.
    private static decimal Fee(Step step, int every) =>
        step.Pick % every == 0 ? decimal.Round(step.Fee, 1) : step.Fee;

    private static CorrectRecorded Amend(Step step, int index) => new()
    {
        ExecutionId = $"R{step.Pick % (index + 1)}",
        Symbol = step.Symbol,
        CorrectionId = step.Pick % 2 == 0 ? $"C{index}" : null,
        Changes = new FillChanges
        {
            Quantity = step.Quantity, Price = Signed(step), Commission = decimal.Round(step.Fee, 1), Tax = 0,
            FeeCurrency = step.Pick % 5 == 0 ? "USD" : null,
            Rate = step.Pick % 4 == 0 ? new Rate(1.3m, null, Rate.Stated) : null,
        },
    };

    private static MoveCash Fund(Step step) => Do.Move(step.Funding, Math.Ceiling(step.Price)) with
    {
        Currency = (step.Pick % 5) switch { 0 => "EUR", 1 => "GBP", _ => null },
        Bought = step.Funding == FundingType.EXCHANGE ? new CashMove("JPY", Math.Ceiling(step.Quantity)) : null,
        Tax = step.Funding.IsTaxed() ? step.Pick % 4 : 0,
    };

    private static PlaceOrder Place(Step step, Portfolio p)
    {
        var lot = p.Holdings.GetValueOrDefault(step.Symbol)?.Lots.FirstOrDefault();
        var names = lot is not null && step.Pick % 4 == 0 && p.LotMethod != LotMethod.AVERAGE;
        var quantity = names ? Math.Abs(lot!.Quantity) : step.Quantity;
        return new PlaceOrder
        {
            Symbol = step.Symbol,
            Side = names ? (lot!.Quantity > 0 ? OrderSide.SELL : OrderSide.BUY) : step.Side,
            Type = step.Type,
            Quantity = quantity,
            LimitPrice = step.Type is OrderType.LIMIT or OrderType.STOP_LIMIT ? step.Price : null,
            StopPrice = step.Type is OrderType.STOP or OrderType.STOP_LIMIT ? step.Price : null,
            Lots = names ? [new LotPick(lot!.LotId, quantity)] : [],
            EstimatedFees = decimal.Round(Math.Abs(step.Fee), p.Currency.MinorUnit),
        };
    }

    private static ExecuteOrder Execute(Step step, int index, Order order) => new()
    {
        OrderId = order.OrderId,
        ExecutionId = $"E{index}",
        Quantity = step.Pick % 2 == 0 ? order.Unfilled : Math.Min(step.Quantity, order.Unfilled),
        Price = order.Symbol == "OPT" ? Signed(step with { Symbol = "OPT" }) : step.Price,
        Commission = Fee(step, 5),
        Tax = step.Pick % 3 == 0 ? Fee(step, 5) / 2 : 0,
        FeeCurrency = step.Pick % 5 == 0 ? "EUR" : null,
    };

    private static ReplaceOrder Replace(Step step, Order order) => new()
    {
        OrderId = order.OrderId,
        Quantity = order.FilledQuantity + step.Quantity,
        LimitPrice = order.LimitPrice is null ? null : step.Price,
        StopPrice = order.StopPrice is null ? null : step.Price,
    };

    private static CorrectExecution Correct(Step step, Order order, string execution)
    {
        var open = order.Quantity - order.FilledQuantity + order.Executions[execution].Quantity;
        var quantity = open > 0 ? Math.Min(step.Quantity, open) : step.Quantity;
        return Do.Correct(execution, quantity, step.Price, step.Fee, order.OrderId);
    }

    private static Order? Placed(Portfolio p, Step step)
    {
        var placed = p.Orders.Values.Where(order => order.Status != OrderStatus.REJECTED)
            .OrderBy(order => order.OrderId).ToList();
        return placed.Count == 0 ? null : placed[step.Pick % placed.Count];
    }

    private static Order? Working(Portfolio p, Step step)
    {
        var working = p.Orders.Values.Where(order => order.IsWorking).OrderBy(order => order.OrderId).ToList();
        return working.Count == 0 ? null : working[step.Pick % working.Count];
    }

    private static (Order Order, string ExecutionId)? Executed(Portfolio p, Step step)
    {
        var executed = p.Orders.Values.OrderBy(order => order.OrderId)
            .SelectMany(order => order.Executions.Values
                .Where(e => !e.IsBusted).OrderBy(e => e.TransactionId).Select(e => (order, e.ExecutionId)))
            .ToList();
        return executed.Count == 0 ? null : executed[step.Pick % executed.Count];
    }
}

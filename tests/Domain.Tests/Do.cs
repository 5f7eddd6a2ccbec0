using System.Collections.Immutable;

namespace Bifrost.Domain.Tests;

/// <summary>Commands in few words. The symbol is ORCL, and the order the first, where none is named.</summary>
internal static class Do
{
    public static MoveCash Deposit(decimal amount) => Move(FundingType.DEPOSIT, amount);

    public static MoveCash Withdraw(decimal amount) => Move(FundingType.WITHDRAWAL, amount);

    public static MoveCash Move(FundingType type, decimal amount) => new() { Type = type, Amount = amount };

    public static CorrectFunding CorrectFunding(decimal? amount = null, decimal? tax = null, int funding = 1) =>
        new() { FundingId = funding, Amount = amount, Tax = tax };

    public static ReverseFunding Reverse(int funding = 1) => new() { FundingId = funding };

    public static CorrectRecorded CorrectRecorded(string id, FillChanges changes) =>
        new() { ExecutionId = id, Symbol = "ORCL", Changes = changes };

    public static BustRecorded BustRecorded(string id) => new() { ExecutionId = id, Symbol = "ORCL" };

    public static RecordExecution Buy(
        decimal quantity, decimal price, decimal fee = 0, decimal tax = 0, int? day = null) =>
        Record(OrderSide.BUY, quantity, price, fee, tax, day);

    public static RecordExecution Sell(
        decimal quantity, decimal price, decimal fee = 0, decimal tax = 0, int? day = null) =>
        Record(OrderSide.SELL, quantity, price, fee, tax, day);

    public static PlaceOrder Limit(OrderSide side, decimal quantity, decimal price, params LotPick[] lots) => new()
    {
        Symbol = "ORCL",
        Side = side,
        Type = OrderType.LIMIT,
        Quantity = quantity,
        LimitPrice = price,
        Lots = [.. lots],
    };

    public static PlaceOrder Market(OrderSide side, decimal quantity) =>
        new() { Symbol = "ORCL", Side = side, Type = OrderType.MARKET, Quantity = quantity };

    public static PlaceOrder Stop(OrderSide side, decimal quantity, decimal stop, decimal? limit = null) => new()
    {
        Symbol = "ORCL",
        Side = side,
        Type = limit is null ? OrderType.STOP : OrderType.STOP_LIMIT,
        Quantity = quantity,
        StopPrice = stop,
        LimitPrice = limit,
    };

    public static ExecuteOrder Execute(string id, decimal quantity, decimal price, decimal fee = 0, int order = 1) =>
        new() { OrderId = order, ExecutionId = id, Quantity = quantity, Price = price, Commission = fee };

    public static ReplaceOrder Replace(decimal? quantity = null, decimal? limit = null, int order = 1) =>
        new() { OrderId = order, Quantity = quantity, LimitPrice = limit };

    public static CancelOrder Cancel(int order = 1) => new() { OrderId = order };

    public static ExpireOrder Expire(int order = 1) => new() { OrderId = order };

    public static BustExecution Bust(string id, int order = 1) => new() { OrderId = order, ExecutionId = id };

    public static CorrectExecution Correct(
        string id, decimal? quantity = null, decimal? price = null, decimal? fee = null, int order = 1) => new()
        {
            OrderId = order,
            ExecutionId = id,
            Quantity = quantity,
            Price = price,
            Commission = fee,
        };

    public static SplitShares Split(int numerator, int denominator = 1, int? day = null) => new()
    {
        Symbol = "ORCL",
        Numerator = numerator,
        Denominator = denominator,
        OccurredAt = day is { } d ? Given.Opening.AddDays(d) : null,
    };

    public static ChangePortfolio MethodTo(LotMethod method) => new() { LotMethod = method };

    public static ImmutableArray<LotPick> Lots(params (int LotId, decimal Quantity)[] picks) =>
        [.. picks.Select(pick => new LotPick(pick.LotId, pick.Quantity))];

    private static RecordExecution Record(
        OrderSide side, decimal quantity, decimal price, decimal fee, decimal tax, int? day) => new()
        {
            ExecutionId = "import",
            Symbol = "ORCL",
            Side = side,
            Quantity = quantity,
            Price = price,
            Commission = fee,
            Tax = tax,
            OccurredAt = day is { } d ? Given.Opening.AddDays(d) : null,
        };
}

namespace Bifrost.Domain.Tests;

/// <summary>
/// One row for each refusal a decider can give. Each row's command offends its own rule and, where one command can,
/// every rule after it, so that the row fails if the order of precedence changes.
/// </summary>
public sealed class PrecedenceTests
{
    private const decimal Huge = 100_000_000_000m;

    [Theory]
    [InlineData(RejectionCode.PortfolioNotFound)]
    [InlineData(RejectionCode.PortfolioClosed)]
    [InlineData(RejectionCode.AmountTooLarge)]
    [InlineData(RejectionCode.LotsDoNotFit)]
    [InlineData(RejectionCode.InsufficientShares)]
    [InlineData(RejectionCode.InsufficientBuyingPower)]
    public void placing_is_refused_for_the_first_reason_that_applies(RejectionCode code)
    {
        var lots = Do.Lots((99, 1m));
        var huge = Do.Limit(OrderSide.BUY, 100, Huge) with { Lots = lots };
        var (given, command) = code switch
        {
            RejectionCode.PortfolioNotFound => (Given.Nothing(), huge),
            RejectionCode.PortfolioClosed => (Closed(), huge),
            RejectionCode.AmountTooLarge => (Given.Portfolio(), huge),
            RejectionCode.LotsDoNotFit => (Given.Portfolio(), Do.Limit(OrderSide.SELL, 1, 10) with { Lots = lots }),
            RejectionCode.InsufficientShares => (Given.Portfolio(), Do.Limit(OrderSide.SELL, 1, 10)),
            _ => (Given.Portfolio(), Do.Limit(OrderSide.BUY, 1, 10)),
        };
        given.When(command).ThenRejected(code);
    }

    [Fact]
    public void a_buy_that_names_unfit_lots_is_refused_for_the_lots_before_the_cash() =>
        Given.Portfolio().When(Do.Limit(OrderSide.BUY, 1, 10, new LotPick(99, 1)))
            .ThenRejected(RejectionCode.LotsDoNotFit);

    [Theory]
    [InlineData(RejectionCode.PortfolioNotFound)]
    [InlineData(RejectionCode.OrderNotFound)]
    [InlineData(RejectionCode.OrderNotWorking)]
    [InlineData(RejectionCode.OrderTermsDoNotFit)]
    [InlineData(RejectionCode.ReplacementTooSmall)]
    [InlineData(RejectionCode.AmountTooLarge)]
    [InlineData(RejectionCode.InsufficientBuyingPower)]
    public void replacing_is_refused_for_the_first_reason_that_applies(RejectionCode code)
    {
        var unfit = new ReplaceOrder { OrderId = 1, StopPrice = Huge, LimitPrice = Huge, Quantity = 1 };
        var (given, command) = code switch
        {
            RejectionCode.PortfolioNotFound => (Given.Nothing(), unfit),
            RejectionCode.OrderNotFound => (Given.Portfolio(), unfit),
            RejectionCode.OrderNotWorking => (HalfFilled().And(Do.Cancel()), unfit),
            RejectionCode.OrderTermsDoNotFit => (HalfFilled(), unfit),
            RejectionCode.ReplacementTooSmall => (HalfFilled(), Do.Replace(4, Huge)),
            RejectionCode.AmountTooLarge => (HalfFilled(), Do.Replace(100, Huge)),
            _ => (HalfFilled(), Do.Replace(100, 10)),
        };
        given.When(command).ThenRejected(code);
    }

    [Fact]
    public void a_sale_replaced_by_a_larger_one_is_refused_for_lack_of_shares() =>
        Given.Portfolio(cash: 100).And(Do.Buy(10, 10), Do.Limit(OrderSide.SELL, 10, 12))
            .When(Do.Replace(11)).ThenRejected(RejectionCode.InsufficientShares);

    [Theory]
    [InlineData(RejectionCode.PortfolioNotFound)]
    [InlineData(RejectionCode.OrderNotFound)]
    [InlineData(RejectionCode.ExecutionIdReused)]
    [InlineData(RejectionCode.OrderNotWorking)]
    [InlineData(RejectionCode.AmountTooLarge)]
    [InlineData(RejectionCode.FeeTakesAll)]
    [InlineData(RejectionCode.AmountTooPrecise)]
    [InlineData(RejectionCode.AmountContradicts)]
    public void executing_is_refused_for_the_first_reason_that_applies(RejectionCode code)
    {
        var again = Do.Execute("A", 1_000, Huge);
        var unfit = Do.Execute("B", 5, 10) with { FeeQuantity = 5, Amount = 1.001m };
        var (given, command) = code switch
        {
            RejectionCode.PortfolioNotFound => (Given.Nothing(), again),
            RejectionCode.OrderNotFound => (Given.Portfolio(), again),
            RejectionCode.ExecutionIdReused => (HalfFilled().And(Do.Cancel()), again),
            RejectionCode.OrderNotWorking => (Refused(), Do.Execute("B", 1_000, Huge)),
            RejectionCode.AmountTooLarge => (HalfFilled(), unfit with { Price = 10 * Huge }),
            RejectionCode.FeeTakesAll => (HalfFilled(), unfit),
            RejectionCode.AmountTooPrecise => (HalfFilled(), unfit with { FeeQuantity = 0 }),
            _ => (HalfFilled(), unfit with { FeeQuantity = 0, Amount = 1 }),
        };
        given.When(command).ThenRejected(code);
    }

    [Theory]
    [InlineData(RejectionCode.PortfolioNotFound)]
    [InlineData(RejectionCode.PortfolioClosed)]
    [InlineData(RejectionCode.AmountTooLarge)]
    [InlineData(RejectionCode.LotsDoNotFit)]
    [InlineData(RejectionCode.InsufficientShares)]
    public void recording_is_refused_for_the_first_reason_that_applies(RejectionCode code)
    {
        var huge = Do.Sell(100, Huge) with { Lots = Do.Lots((99, 1m)) };
        var (given, command) = code switch
        {
            RejectionCode.PortfolioNotFound => (Given.Nothing(), huge),
            RejectionCode.PortfolioClosed => (Closed(), huge),
            RejectionCode.AmountTooLarge => (Given.Portfolio(), huge),
            RejectionCode.LotsDoNotFit => (Given.Portfolio(), huge with { Price = 10 }),
            _ => (Given.Portfolio(), Do.Sell(100, 10)),
        };
        given.When(command).ThenRejected(code).ThenTypes();
    }

    [Theory]
    [InlineData(RejectionCode.PortfolioNotFound)]
    [InlineData(RejectionCode.PortfolioClosed)]
    [InlineData(RejectionCode.AmountTooPrecise)]
    [InlineData(RejectionCode.AmountTooLarge)]
    [InlineData(RejectionCode.InsufficientCash)]
    public void moving_cash_is_refused_for_the_first_reason_that_applies(RejectionCode code)
    {
        var unfit = Do.Withdraw(Money.Limit + 0.001m);
        var (given, command) = code switch
        {
            RejectionCode.PortfolioNotFound => (Given.Nothing(), unfit),
            RejectionCode.PortfolioClosed => (Closed(), unfit),
            RejectionCode.AmountTooPrecise => (Given.Portfolio(), unfit),
            RejectionCode.AmountTooLarge => (Given.Portfolio(), Do.Withdraw(Money.Limit)),
            _ => (Given.Portfolio(), Do.Withdraw(0.01m)),
        };
        given.When(command).ThenRejected(code);
    }

    [Theory]
    [InlineData(RejectionCode.PortfolioNotFound)]
    [InlineData(RejectionCode.OrderNotFound)]
    [InlineData(RejectionCode.ExecutionNotFound)]
    [InlineData(RejectionCode.ExecutionAlreadyBusted)]
    [InlineData(RejectionCode.AmountTooLarge)]
    [InlineData(RejectionCode.AmountContradicts)]
    public void correcting_is_refused_for_the_first_reason_that_applies(RejectionCode code)
    {
        var huge = Do.Correct("A", 1_000, Huge);
        var (given, command) = code switch
        {
            RejectionCode.PortfolioNotFound => (Given.Nothing(), huge),
            RejectionCode.OrderNotFound => (Given.Portfolio(), huge),
            RejectionCode.ExecutionNotFound => (HalfFilled(), Do.Correct("B", 1_000, Huge)),
            RejectionCode.ExecutionAlreadyBusted => (HalfFilled().And(Do.Bust("A")), huge),
            RejectionCode.AmountTooLarge => (HalfFilled(), huge with { Quantity = 1_000 }),
            _ => (HalfFilled(), Do.Correct("A", 5) with { Amount = 1 }),
        };
        given.When(command).ThenRejected(code).ThenTypes();
    }

    [Theory]
    [InlineData(RejectionCode.PortfolioNotFound)]
    [InlineData(RejectionCode.OrderNotFound)]
    [InlineData(RejectionCode.ExecutionNotFound)]
    public void busting_is_refused_for_the_first_reason_that_applies(RejectionCode code)
    {
        var given = code switch
        {
            RejectionCode.PortfolioNotFound => Given.Nothing(),
            RejectionCode.OrderNotFound => Given.Portfolio(),
            _ => HalfFilled(),
        };
        given.When(Do.Bust("none")).ThenRejected(code).ThenTypes();
    }

    [Theory]
    [InlineData(RejectionCode.PortfolioNotFound)]
    [InlineData(RejectionCode.PortfolioNotEmpty)]
    public void closing_is_refused_for_the_first_reason_that_applies(RejectionCode code)
    {
        var given = code == RejectionCode.PortfolioNotFound ? Given.Nothing() : HalfFilled();
        given.When(new ClosePortfolio()).ThenRejected(code).ThenTypes();
    }

    [Theory]
    [InlineData(RejectionCode.PortfolioNotFound)]
    [InlineData(RejectionCode.PortfolioClosed)]
    public void changing_is_refused_for_the_first_reason_that_applies(RejectionCode code)
    {
        var given = code == RejectionCode.PortfolioNotFound ? Given.Nothing() : Closed();
        given.When(new ChangePortfolio { Name = "New" }).ThenRejected(code).ThenTypes();
    }

    [Theory]
    [InlineData(RejectionCode.PortfolioNotFound)]
    [InlineData(RejectionCode.PortfolioClosed)]
    [InlineData(RejectionCode.FundingNotFound)]
    [InlineData(RejectionCode.FundingAlreadyReversed)]
    [InlineData(RejectionCode.AmountTooPrecise)]
    [InlineData(RejectionCode.FundingTermsDoNotFit)]
    [InlineData(RejectionCode.AmountTooLarge)]
    public void correcting_funding_is_refused_for_the_first_reason_that_applies(RejectionCode code)
    {
        var unfit = Do.CorrectFunding(Money.Limit + 0.001m, tax: 1);
        var (given, command) = code switch
        {
            RejectionCode.PortfolioNotFound => (Given.Nothing(), unfit),
            RejectionCode.PortfolioClosed => (Closed(), unfit),
            RejectionCode.FundingNotFound => (Given.Portfolio(), unfit),
            RejectionCode.FundingAlreadyReversed => (Given.Portfolio(cash: 10).And(Do.Reverse()), unfit),
            RejectionCode.AmountTooPrecise => (Given.Portfolio(cash: 10), unfit),
            RejectionCode.FundingTermsDoNotFit => (Given.Portfolio(cash: 10), unfit with { Amount = Money.Limit }),
            _ => (Given.Portfolio(cash: 10), unfit with { Amount = Money.Limit, Tax = null }),
        };
        given.When(command).ThenRejected(code).ThenTypes();
    }

    [Theory]
    [InlineData(RejectionCode.ExecutionNotFound)]
    [InlineData(RejectionCode.ExecutionAlreadyBusted)]
    [InlineData(RejectionCode.AmountTooLarge)]
    [InlineData(RejectionCode.AmountContradicts)]
    public void correcting_what_had_no_order_is_refused_for_the_first_reason_that_applies(RejectionCode code)
    {
        var unfit = Do.CorrectRecorded("import", new FillChanges { Price = 10 * Huge, Amount = 1 });
        var held = Given.Portfolio(cash: 100).And(Do.Buy(5, 10));
        var (given, command) = code switch
        {
            RejectionCode.ExecutionNotFound => (Given.Portfolio(), unfit),
            RejectionCode.ExecutionAlreadyBusted => (held.And(Do.BustRecorded("import")), unfit),
            RejectionCode.AmountTooLarge => (held, unfit),
            _ => (held, Do.CorrectRecorded("import", new FillChanges { Amount = 1 })),
        };
        given.When(command).ThenRejected(code).ThenTypes();
    }

    private static Ledger Refused() => Given.Portfolio().When(Do.Limit(OrderSide.BUY, 10, 10));

    private static Ledger Closed() => Given.Portfolio().And(new ClosePortfolio());

    private static Ledger HalfFilled() =>
        Given.Portfolio(cash: 100).And(Do.Limit(OrderSide.BUY, 10, 10), Do.Execute("A", 5, 10));
}

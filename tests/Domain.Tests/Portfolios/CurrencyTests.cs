using Bifrost.Domain.Instruments;

namespace Bifrost.Domain.Tests;

/// <summary>Cash in several currencies, and positions in any.</summary>
public sealed class CurrencyTests
{
    private readonly Dictionary<string, decimal> rates = new() { ["EUR"] = 1.10m };

    [Fact]
    public void cash_is_kept_by_currency_and_an_account_is_opened_with_the_first_of_it()
    {
        var ledger = Portfolio().And(Do.Deposit(1000) with { Currency = "EUR" });

        ledger.ThenTypes(typeof(CashAccountOpened), typeof(CashDeposited));
        ledger.And(Do.Deposit(1) with { Currency = "EUR" }).ThenTypes(typeof(CashDeposited));
        (ledger.State.Cash, ledger.State.CashIn("EUR"), ledger.State.InitialCapital).ShouldBe((10_000, 1001, 10_000));
    }

    [Fact]
    public void an_exchange_has_two_legs_and_is_taken_back_whole()
    {
        var ledger = Portfolio().And(Exchange(1100, null, 1000, "EUR"));

        (ledger.State.Cash, ledger.State.CashIn("EUR")).ShouldBe((8900, 1000));
        Posted(ledger, "equity:exchange").ShouldBe([("EUR", -1000m), ("USD", 1100m)], ignoreOrder: true);
        ledger.And(Do.Reverse(2));
        (ledger.State.Cash, ledger.State.CashIn("EUR")).ShouldBe((10_000, 0));
    }

    [Fact]
    public void an_exchange_that_says_the_half_of_it_is_refused()
    {
        Portfolio().When(Do.Move(FundingType.EXCHANGE, 5)).ThenRejected(RejectionCode.FundingTermsDoNotFit);
        Portfolio().When(Exchange(5, "EUR", 5, "EUR")).ThenRejected(RejectionCode.FundingTermsDoNotFit);
        Portfolio().When(Do.Deposit(5) with { Bought = new CashMove("EUR", 5) })
            .ThenRejected(RejectionCode.FundingTermsDoNotFit);
        Portfolio().When(Exchange(5, null, 5.5m, "JPY")).ThenRejected(RejectionCode.AmountTooPrecise);
    }

    [Theory]
    [InlineData("JPY", 5, 5.1)]
    [InlineData("KWD", 5.001, 5.0001)]
    [InlineData("BTC", 0.00000001, 0.000000001)]
    public void each_currency_has_its_own_number_of_decimals(string code, decimal whole, decimal part)
    {
        var ledger = Portfolio().And(Do.Deposit(whole) with { Currency = code });

        ledger.State.CashIn(code).ShouldBe(whole);
        ledger.When(Do.Deposit(part) with { Currency = code }).ThenRejected(RejectionCode.AmountTooPrecise);
    }

    [Fact]
    public void a_gain_in_euros_is_told_in_dollars_with_the_part_of_the_rate()
    {
        var ledger = Portfolio().And(Do.Deposit(1000) with { Currency = "EUR" }, Buy("SAP", 10, 100));
        rates["EUR"] = 1.20m;
        ledger.And(Sell("SAP", 10, 110));

        var holding = ledger.Holding("SAP");
        (ledger.State.CashIn("EUR"), ledger.State.Cash, holding.RealizedPnl).ShouldBe((1100, 10_000, 100));
        // 1,100 at 1.20 less 1,000 at 1.10; of which 1,000 at 1.20 less the same at 1.10 are the rate's.
        holding.InBase.ShouldBe(new BasePnl(220, 100, true));
        ledger.State.RealizedPnl.ShouldBe(220);
        ledger.Events.OfType<TradeOpened>().Single().Currency.ShouldBe("EUR");
    }

    [Fact]
    public void a_rate_that_is_not_known_leaves_the_gain_unknown_until_it_is_told()
    {
        rates.Clear();
        var ledger = Portfolio().And(Buy("SAP", 10, 100), Sell("SAP", 10, 110) with { ExecutionId = "S" });

        (ledger.State.IsRealizedPnlWhole, ledger.Holding("SAP").RealizedPnl, ledger.State.RealizedPnl)
            .ShouldBe((false, 100, 0));
        ledger.And(
            Correct("B", new Rate(1.10m, null, Rate.Stated)), Correct("S", new Rate(1.20m, null, Rate.Stated)));
        (ledger.State.IsRealizedPnlWhole, ledger.State.RealizedPnl).ShouldBe((true, 220));
    }

    [Fact]
    public void a_fill_of_the_past_takes_the_rate_that_is_told_with_it_and_not_that_of_now()
    {
        var ledger = Portfolio().And(Buy("SAP", 10, 100) with { OccurredAt = Given.Opening.AddDays(-1) });

        ledger.Holding("SAP").BaseCostBasis.ShouldBeNull();
        ledger.And(Correct("B", new Rate(1.05m, null, Rate.Stated)));
        ledger.Holding("SAP").BaseCostBasis.ShouldBe(1050);
    }

    [Fact]
    public void prices_in_pence_are_paid_in_pounds()
    {
        var ledger = Portfolio().And(Buy("VOD", 1000, 72.5m));

        (ledger.State.CashIn("GBP"), ledger.Holding("VOD").CostBasis).ShouldBe((-725, 725));
        ledger.Effect.Overdrawn.ShouldBe(true);
    }

    [Fact]
    public void fees_in_another_currency_are_an_expense_there_and_no_cost()
    {
        var ledger = Portfolio().And(
            Do.Deposit(5) with { Currency = "CHF" },
            Do.Buy(10, 20, fee: 1.5m) with { FeeCurrency = "CHF", ExecutionId = "F" });

        (ledger.State.Cash, ledger.State.CashIn("CHF"), ledger.Holding().CostBasis).ShouldBe((9800, 3.5m, 200));
        Posted(ledger, "expenses:commissions").ShouldBe([("CHF", 1.5m)]);
        ledger.And(Do.CorrectRecorded("F", new FillChanges { Commission = 2 }));
        ledger.State.CashIn("CHF").ShouldBe(3);
        ledger.And(Do.BustRecorded("F"));
        (ledger.State.Cash, ledger.State.CashIn("CHF")).ShouldBe((10_000, 5));
        ledger.When(Do.Buy(10, 20, fee: 1.555m) with { FeeCurrency = "CHF", ExecutionId = "G" })
            .ThenRejected(RejectionCode.AmountTooPrecise);
    }

    [Fact]
    public void fees_in_the_currency_of_the_fill_are_told_either_way()
    {
        var ledger = Portfolio().And(Do.Limit(OrderSide.BUY, 10, 20));
        ledger.And(Do.Execute("X", 10, 20, fee: 1) with { FeeCurrency = "USD" });

        ledger.Holding().CostBasis.ShouldBe(201);
        ledger.When(Do.Execute("X", 10, 20, fee: 1)).ThenNothing();
    }

    [Fact]
    public void an_order_holds_back_what_it_is_paid_in()
    {
        var ledger = Portfolio().And(Do.Deposit(1000) with { Currency = "EUR" }, Limit("SAP", 5, 100));

        (ledger.State.ReservedCash, ledger.State.FreeIn("EUR")).ShouldBe((0, 500));
        ledger.And(Do.Execute("X", 5, 99));
        (ledger.State.CashIn("EUR"), ledger.State.FreeIn("EUR")).ShouldBe((505, 505));
    }

    [Fact]
    public void cash_of_other_currencies_is_buying_power_at_the_rate_of_now_less_the_haircut()
    {
        var ledger = Portfolio(haircut: 0.1m).And(Do.Deposit(1000) with { Currency = "EUR" });

        // 10,000 and 900 at 1.10.
        BuyingPower.Of(ledger.State, ledger.Rates).ShouldBe(10_990);
        ledger.And(Limit("ORCL", 1, 10_990));
        ledger.When(Limit("ORCL", 1, 0.01m)).ThenRejected(RejectionCode.InsufficientBuyingPower);
        ledger.Rejection!.Detail.ShouldBe(
            "0.01 USD would be reserved: -990 USD, 1000 EUR are free, which leaves -0.01 USD at the rates of now less "
            + "10 percent.");
    }

    [Fact]
    public void what_would_be_owed_in_a_currency_whose_rate_is_not_known_is_refused()
    {
        rates.Clear();
        Portfolio().When(Limit("SAP", 1, 100)).ThenRejected(RejectionCode.InsufficientBuyingPower)
            .Rejection!.Detail.ShouldEndWith("no rate of EUR to USD is known: load bars of EURUSD.");
    }

    [Fact]
    public void a_currency_is_not_taken_out_that_is_not_there()
    {
        Portfolio().When(Do.Withdraw(1) with { Currency = "EUR" }).ThenRejected(RejectionCode.InsufficientCash)
            .ThenTypes(typeof(WithdrawalRejected));
        Portfolio().And(Do.Deposit(5) with { Currency = "EUR" }, Do.Withdraw(5) with { Currency = "EUR" })
            .State.CashIn("EUR").ShouldBe(0);
    }

    [Fact]
    public void a_position_stays_in_the_currency_that_it_was_opened_in()
    {
        var isMoved = false;
        var ledger = Given.Portfolio(
            cash: 10_000,
            instruments: symbol => new Instrument { Symbol = symbol, Currency = isMoved ? "CHF" : "USD" });
        ledger.And(Do.Buy(1, 10));
        isMoved = true;

        ledger.When(Do.Buy(1, 10)).ThenRejected(RejectionCode.CurrencyDiffers);
    }

    [Fact]
    public void what_is_quoted_in_no_currency_of_the_ledger_is_refused()
    {
        var ledger = Given.Portfolio(
            cash: 10, instruments: symbol => new Instrument { Symbol = symbol, Currency = "XYZ" });

        ledger.When(Do.Buy(1, 10)).ThenRejected(RejectionCode.CurrencyNotKept);
        ledger.When(Do.Limit(OrderSide.BUY, 1, 10)).ThenRejected(RejectionCode.CurrencyNotKept);
        Portfolio().When(Do.Buy(1, 10, fee: 1) with { FeeCurrency = "XYZ" })
            .ThenRejected(RejectionCode.CurrencyNotKept);
    }

    [Fact]
    public void a_portfolio_with_cash_in_any_currency_is_not_closed()
    {
        var ledger = Portfolio().And(Do.Withdraw(10_000), Do.Deposit(5) with { Currency = "EUR" });

        ledger.When(new ClosePortfolio()).ThenRejected(RejectionCode.PortfolioNotEmpty)
            .Rejection!.Detail.ShouldContain("5 EUR");
    }

    [Fact]
    public void a_split_and_a_pool_keep_the_cost_in_the_own_currency()
    {
        var ledger = Portfolio().And(Buy("SAP", 3, 100), Buy("SAP", 4, 100) with { ExecutionId = "C" });
        var before = ledger.Holding("SAP").BaseCostBasis;
        ledger.And(Do.Split(1, 1000) with { Symbol = "SAP" }, Do.MethodTo(LotMethod.AVERAGE));

        before.ShouldBe(770);
        ledger.Holding("SAP").BaseCostBasis.ShouldBe(before);
    }

    private Ledger Portfolio(decimal haircut = 0)
    {
        var ledger = Given.Portfolio(cash: 10_000, instruments: Known, rates: RateOf);
        return haircut == 0 ? ledger : ledger.And(new ChangePortfolio { CurrencyHaircut = haircut });
    }

    private Rate? RateOf(string from, string to) =>
        rates.TryGetValue(from, out var rate) ? new Rate(rate, Given.Opening, $"{from}{to}") : null;

    private static Instrument Known(string symbol) => symbol switch
    {
        "SAP" => new Instrument { Symbol = symbol, Currency = "EUR" },
        "VOD" => new Instrument { Symbol = symbol, Currency = "GBX" },
        _ => Instrument.Undescribed(symbol),
    };

    private static MoveCash Exchange(decimal sold, string? currency, decimal bought, string? into) =>
        Do.Move(FundingType.EXCHANGE, sold) with { Currency = currency, Bought = new CashMove(into, bought) };

    private static RecordExecution Buy(string symbol, decimal quantity, decimal price) =>
        Do.Buy(quantity, price) with { Symbol = symbol, ExecutionId = "B" };

    private static RecordExecution Sell(string symbol, decimal quantity, decimal price) =>
        Do.Sell(quantity, price) with { Symbol = symbol };

    private static PlaceOrder Limit(string symbol, decimal quantity, decimal price) =>
        Do.Limit(OrderSide.BUY, quantity, price) with { Symbol = symbol };

    private static CorrectRecorded Correct(string id, Rate rate) =>
        new() { ExecutionId = id, Symbol = "SAP", Changes = new FillChanges { Rate = rate } };

    private static IEnumerable<(string Commodity, decimal Amount)> Posted(Ledger ledger, string account) =>
        from happened in ledger.Decided
        from posting in Postings.Of(happened, ledger.State.Currency)
        where posting.Account == account
        select (posting.Commodity, posting.Amount);
}

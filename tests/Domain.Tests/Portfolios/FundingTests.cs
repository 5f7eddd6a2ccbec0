namespace Bifrost.Domain.Tests;

public sealed class FundingTests
{
    [Theory]
    [InlineData(FundingType.DEPOSIT, typeof(CashDeposited), 110)]
    [InlineData(FundingType.WITHDRAWAL, typeof(CashWithdrawn), 90)]
    [InlineData(FundingType.DIVIDEND, typeof(DividendReceived), 110)]
    [InlineData(FundingType.INTEREST, typeof(InterestReceived), 110)]
    [InlineData(FundingType.FEE, typeof(FeeCharged), 90)]
    public void each_type_moves_cash_its_own_way(FundingType type, Type happened, int cash)
    {
        var ledger = Given.Portfolio(cash: 100).When(Do.Move(type, 10)).ThenTypes(happened);
        ledger.State.Cash.ShouldBe(cash);
    }

    [Fact]
    public void all_that_is_free_can_be_withdrawn_and_not_a_cent_more()
    {
        var ledger = Given.Portfolio(cash: 100).And(Do.Limit(OrderSide.BUY, 4, 10));
        ledger.When(Do.Withdraw(60.01m)).ThenRejected(RejectionCode.InsufficientCash);
        ledger.And(Do.Withdraw(60)).State.BuyingPower.ShouldBe(0);
    }

    [Fact]
    public void a_refused_withdrawal_is_on_the_record_and_moves_nothing()
    {
        var ledger = Given.Portfolio(cash: 100).When(Do.Withdraw(101) with { Description = "Rent" });
        var rejected = ledger.Decided.ShouldHaveSingleItem().ShouldBeOfType<WithdrawalRejected>();
        rejected.Code.ShouldBe(RejectionCode.InsufficientCash);
        (rejected.Amount, rejected.Description).ShouldBe((101, "Rent"));
        ledger.Effect.FundingId.ShouldBe(rejected.FundingId);
        (ledger.State.Cash, ledger.State.FundingVersion).ShouldBe((100, 2));
    }

    [Fact]
    public void an_overdraft_lets_a_withdrawal_go_below_zero_and_says_so()
    {
        var ledger = Given.Portfolio(cash: 100, allowOverdraft: true).And(Do.Withdraw(150));
        ledger.State.Cash.ShouldBe(-50);
        ledger.Effect.Overdrawn.ShouldBe(true);
    }

    [Fact]
    public void a_fee_is_a_fact_even_where_it_overdraws()
    {
        var ledger = Given.Portfolio(cash: 1).And(Do.Move(FundingType.FEE, 3));
        ledger.State.Cash.ShouldBe(-2);
        ledger.Effect.Overdrawn.ShouldBe(true);
        ledger.And(Do.Deposit(1)).Effect.Overdrawn.ShouldBeNull();
    }

    [Fact]
    public void a_balance_stays_below_the_limit()
    {
        var ledger = Given.Portfolio(cash: Money.Limit - 1);
        ledger.When(Do.Deposit(1)).ThenRejected(RejectionCode.AmountTooLarge);
        ledger.And(Do.Deposit(0.99m)).State.Cash.ShouldBe(Money.Limit - 0.01m);
    }

    [Fact]
    public void initial_capital_is_what_was_deposited_on_the_first_day()
    {
        var ledger = Given.Portfolio(cash: 100).And(Do.Deposit(20), Do.Move(FundingType.DIVIDEND, 5));
        ledger.And(Do.Deposit(50) with { OccurredAt = Given.Opening.AddDays(1) });
        ledger.State.InitialCapital.ShouldBe(120);
    }

    [Fact]
    public void a_dividend_keeps_the_symbol_that_paid_it() =>
        Given.Portfolio().When(Do.Move(FundingType.DIVIDEND, 5) with { Symbol = "ORCL" })
            .ThenOnly<DividendReceived>(e => (e.Symbol, e.CashAmount).ShouldBe(("ORCL", 5)));
}

namespace Bifrost.Domain.Tests;

/// <summary>Cash that came or went is corrected and taken back, and tax is told from what came.</summary>
public sealed class FundingAmendmentTests
{
    [Fact]
    public void a_dividend_is_taken_back_and_paid_again()
    {
        var ledger = Given.Portfolio().And(Do.Move(FundingType.DIVIDEND, 0.70m), Do.Reverse());
        (ledger.State.Cash, ledger.Balances()["income:dividends"]).ShouldBe((0, 0));
        ledger.And(Do.Move(FundingType.DIVIDEND, 0.76m));
        (ledger.State.Cash, ledger.Balances()["income:dividends"]).ShouldBe((0.76m, -0.76m));
    }

    [Fact]
    public void a_correction_records_the_difference()
    {
        var ledger = Given.Portfolio().And(Do.Move(FundingType.DIVIDEND, 0.70m), Do.CorrectFunding(0.76m));
        ledger.ThenAmong<FundingRestated>(e => CashMoves.Of(e).ShouldBe([new CashMove(null, 0.06m)]));
        (ledger.State.Cash, ledger.Balances()["income:dividends"], ledger.State.FundingVersion)
            .ShouldBe((0.76m, -0.76m, 2));
    }

    [Fact]
    public void gross_tax_and_net_are_each_seen()
    {
        var dividend = Do.Move(FundingType.DIVIDEND, 0.36m) with { Tax = 0.15m };
        var ledger = Given.Portfolio().And(dividend);
        ledger.State.Cash.ShouldBe(0.36m);
        (ledger.Balances()["income:dividends"], ledger.Balances()["expenses:taxes-withheld"]).ShouldBe((-0.51m, 0.15m));
        ledger.And(Do.CorrectFunding(0.43m, tax: 0.08m));
        (ledger.Balances()["income:dividends"], ledger.Balances()["expenses:taxes-withheld"]).ShouldBe((-0.51m, 0.08m));
    }

    [Theory]
    [InlineData(FundingType.TAX_WITHHELD, -1, "expenses:taxes-withheld")]
    [InlineData(FundingType.INTEREST_PAID, -1, "expenses:interest")]
    [InlineData(FundingType.FEE_REFUND, 1, "expenses:fees")]
    [InlineData(FundingType.PAYMENT_IN_LIEU, 1, "income:payments-in-lieu")]
    [InlineData(FundingType.REBATE, 1, "income:rebates")]
    public void each_head_moves_cash_its_way_and_has_an_account(FundingType type, int sign, string account)
    {
        var ledger = Given.Portfolio(cash: 100).And(Do.Move(type, 5));
        (ledger.State.Cash, ledger.Balances()[account]).ShouldBe((100 + 5 * sign, -5 * sign));
    }

    [Fact]
    public void a_dividend_that_was_withheld_whole_moves_no_cash()
    {
        var ledger = Given.Portfolio().And(Do.Move(FundingType.DIVIDEND, 0) with { Tax = 1 });
        (ledger.State.Cash, ledger.Balances()["income:dividends"]).ShouldBe((0, -1));
    }

    [Fact]
    public void a_reversal_of_spent_cash_overdraws_and_says_so()
    {
        var ledger = Given.Portfolio(cash: 100).And(Do.Buy(10, 10), Do.Reverse());
        (ledger.State.Cash, ledger.Effect.Overdrawn, ledger.Effect.FundingId).ShouldBe((-100, true, 1));
    }

    [Fact]
    public void a_second_reversal_and_a_correction_to_the_same_change_nothing()
    {
        Given.Portfolio(cash: 100).And(Do.Reverse()).When(Do.Reverse()).ThenNothing();
        Given.Portfolio(cash: 100).When(Do.CorrectFunding(100)).ThenNothing();
    }

    [Fact]
    public void the_initial_capital_is_what_it_would_be_without_what_was_reversed()
    {
        var ledger = Given.Portfolio(cash: 100).And(
            Do.Deposit(50), Do.Deposit(7) with { OccurredAt = Given.Opening.AddDays(3) });
        ledger.State.InitialCapital.ShouldBe(150);
        ledger.And(Do.Reverse(1)).State.InitialCapital.ShouldBe(50);
        ledger.And(Do.Reverse(2)).State.InitialCapital.ShouldBe(7);
        ledger.And(Do.CorrectFunding(9, funding: 3)).State.InitialCapital.ShouldBe(9);
        ledger.And(Do.Reverse(3));
        (ledger.State.InitialCapital, ledger.State.FirstDepositOn).ShouldBe((0, null));
    }

    [Fact]
    public void a_correction_changes_the_head_as_well()
    {
        var ledger = Given.Portfolio().And(Do.Move(FundingType.DIVIDEND, 5))
            .And(Do.CorrectFunding() with { Type = FundingType.FEE });
        (ledger.State.Cash, ledger.Balances()["income:dividends"], ledger.Balances()["expenses:fees"])
            .ShouldBe((-5, 0, 5));
    }
}

namespace Bifrost.Domain.Tests;

/// <summary>Quantities and fees with as many decimals as there may be.</summary>
public sealed class FineNumberTests
{
    private const decimal Smallest = 0.000000000000000001m;

    [Fact]
    public void the_smallest_quantity_is_sold_again_and_opens_nothing_beside_itself()
    {
        var ledger = Given.Portfolio(cash: 10, allowShort: true).And(Do.Buy(Smallest, 3), Do.Sell(Smallest, 4));

        ledger.ThenAmong<LotsMatched>(e => e.Matches.Length.ShouldBe(1));
        (ledger.Holding().Quantity, ledger.Holding().Lots.Count, ledger.Holding().RealizedPnl)
            .ShouldBe((0, 0, Smallest));
    }

    [Fact]
    public void a_fee_whose_digits_would_be_lost_in_the_cost_is_refused()
    {
        var ledger = Given.Portfolio(allowOverdraft: true).And(Do.Buy(1, 240_000_000_000));

        ledger.When(Do.Buy(1, 1, fee: Smallest)).ThenRejected(RejectionCode.AmountTooLarge);
        ledger.Holding().CostBasis.ShouldBe(240_000_000_000);
    }

    [Fact]
    public void fees_that_are_more_than_what_moves_keep_their_digits_or_are_refused()
    {
        var ledger = Given.Portfolio(allowShort: true, allowOverdraft: true);

        ledger.When(Do.Sell(1, 100_000_000_000, fee: 100_000_000_000, tax: Smallest))
            .ThenRejected(RejectionCode.AmountTooLarge);
    }

    [Fact]
    public void parts_of_next_to_nothing_are_told_where_the_quotient_is_more_than_a_decimal_holds()
    {
        Money.Share(100_000_000_000, Smallest, 2 * Smallest).ShouldBe(50_000_000_000);
        Money.Each(100_000_000_000, Smallest).ShouldBe(1e28m);
        Money.Each(-100_000_000_000, Smallest).ShouldBe(-1e28m);
        Money.Each(1, 3).ShouldBe(1m / 3);
    }

    [Fact]
    public void a_product_of_more_digits_than_are_kept_needs_its_amount()
    {
        var ledger = Given.Portfolio(cash: 10);

        ledger.When(Do.Buy(Smallest, 0.00000000001m)).ThenRejected(RejectionCode.AmountTooPrecise);
        ledger.And(Do.Buy(0.957680115m, 2.000000000000000001m))
            .Holding().CostBasis.ShouldBe(1.915360230000000000957680115m);
    }
}

namespace Bifrost.Domain.Tests;

public sealed class OracleTests
{
    [Theory]
    [InlineData(LotMethod.FIFO)]
    [InlineData(LotMethod.LIFO)]
    [InlineData(LotMethod.HIFO)]
    [InlineData(LotMethod.AVERAGE)]
    [InlineData(LotMethod.SPECIFIC)]
    public void realized_gain_and_cost_agree_with_an_independent_calculation(LotMethod method) =>
        Property.Holds(Fills.Any, fills =>
        {
            var ledger = Given.Portfolio(method, allowShort: true, allowOverdraft: true);
            var book = new NaiveBook(method);
            foreach (var (index, fill) in fills.List.Index())
            {
                var at = Given.Opening.AddHours(index).AddDays(fill.Days);
                var record = fill.Side == OrderSide.BUY
                    ? Do.Buy(fill.Quantity, fill.Price, fill.Fee, fill.Tax)
                    : Do.Sell(fill.Quantity, fill.Price, fill.Fee, fill.Tax);
                ledger.And(record with { OccurredAt = at });
                book.Fill(fill.Side, fill.Quantity, fill.Price, fill.Fee + fill.Tax, at);
                Close(ledger.State.RealizedPnl, book.Realized);
                Close(ledger.Holding().CostBasis, book.Cost);
            }
        });

    private static void Close(decimal actual, Fraction exact) =>
        (Fraction.Of(actual) - exact).Abs().ShouldBeLessThanOrEqualTo(Fraction.Of(0.000_000_001m));
}

using System.Globalization;
using FsCheck;
using FsCheck.Fluent;

namespace Bifrost.Domain.Tests;

public sealed class MoneyTests
{
    private static readonly Gen<decimal> Amounts =
        from units in Gen.Choose(-1_000_000_000, 1_000_000_000)
        from smaller in Gen.Choose(0, 99_999_999)
        from scale in Gen.Elements(1m, 1_000m, 0.000_000_01m, 0.000_001m)
        select units * scale + smaller * 0.000_000_000_000_000_1m;

    private static readonly Gen<decimal> Quantities =
        from units in Gen.Choose(1, 1_000_000_000)
        from scale in Gen.Elements(1m, 0.01m, 0.000_000_01m)
        select units * scale;

    [Theory]
    [InlineData("0.005", "USD", "0")]
    [InlineData("0.015", "USD", "0.02")]
    [InlineData("0.025", "USD", "0.02")]
    [InlineData("-0.025", "USD", "-0.02")]
    [InlineData("1.0250000000000001", "USD", "1.03")]
    [InlineData("10.5", "JPY", "10")]
    [InlineData("11.5", "JPY", "12")]
    public void cash_is_rounded_to_the_minor_unit_half_to_even(string exact, string currency, string cash) =>
        Money.ToCash(Number(exact), Currency.Of(currency)).ShouldBe(Number(cash));

    [Fact]
    public void equal_amounts_are_written_alike() =>
        Money.Normalize(1.500m).ToString(CultureInfo.InvariantCulture).ShouldBe("1.5");

    [Fact]
    public void a_currency_the_ledger_does_not_keep_is_refused()
    {
        Currency.TryParse("XYZ", out _).ShouldBeFalse();
        Currency.TryParse(null, out _).ShouldBeFalse();
        Should.Throw<ArgumentException>(() => Currency.Of("usd"));
    }

    [Fact]
    public void rounded_cash_is_within_half_a_minor_unit_and_stays_as_it_is() => Property.Holds(
        from amount in Amounts from code in Gen.Elements("USD", "JPY") select (amount, currency: Currency.Of(code)),
        given =>
        {
            var cash = Money.ToCash(given.amount, given.currency);
            var half = given.currency.MinorUnit == 0 ? 0.5m : 0.005m;
            Math.Abs(cash - given.amount).ShouldBeLessThanOrEqualTo(half);
            Money.ToCash(cash, given.currency).ShouldBe(cash);
        });

    [Fact]
    public void shares_taken_one_after_another_add_up_exactly() => Property.Holds(
        from amount in Amounts
        from parts in Quantities.NonEmptyListOf().Resize(12)
        select (amount, parts: parts.ToArray()),
        given =>
        {
            var (left, whole, sum) = (given.amount, given.parts.Sum(), 0m);
            foreach (var part in given.parts)
            {
                var share = Money.Share(left, part, whole);
                (left, whole, sum) = (left - share, whole - part, sum + share);
            }
            (left, sum).ShouldBe((0m, given.amount));
        });

    [Fact]
    public void a_share_is_proportional_to_within_what_costs_are_rounded_to() => Property.Holds(
        from amount in Amounts from part in Quantities from rest in Quantities select (amount, part, rest),
        given =>
        {
            var share = Money.Share(given.amount, given.part, given.part + given.rest);
            var exact = Fraction.Of(given.amount) * Fraction.Of(given.part) / Fraction.Of(given.part + given.rest);
            (Fraction.Of(share) - exact).Abs().ShouldBeLessThanOrEqualTo(Fraction.Of(0.000_000_000_000_6m));
        });

    private static decimal Number(string text) => decimal.Parse(text, CultureInfo.InvariantCulture);
}

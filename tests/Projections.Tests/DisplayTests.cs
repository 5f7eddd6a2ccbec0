using Bifrost.Domain;
namespace Bifrost.Projections.Tests;

public sealed class DisplayTests
{
    public static TheoryData<decimal, decimal, decimal> Ratios() => new()
    {
        { 0m, 5m, 0m },
        { 1m, 3m, 0.3333m },
        { -2m, 3m, -0.6667m },
        { 2m, -3m, -0.6667m },
        { -2m, -3m, 0.6667m },
        // Half to even.
        { 0.00005m, 1m, 0m },
        { 0.00015m, 1m, 0.0002m },
        { -0.00025m, 1m, -0.0002m },
        // Nothing to divide by.
        { 1m, 0m, 0m },
        { 0m, 0m, 0m },
        // The column's end, and beyond it.
        { 999_999.9998m, 1m, 999_999.9998m },
        { 999_999.9999m, 1m, 999_999.9999m },
        { 999_999.99994m, 1m, 999_999.9999m },
        { 1_000_000m, 1m, 999_999.9999m },
        { -1_000_000m, 1m, -999_999.9999m },
        { 1_000_000m, -1m, -999_999.9999m },
        // The quotient would be too large for a decimal.
        { 999_999_999_999m, 0.0000000000000001m, 999_999.9999m },
        { -99_999_999_999_999m, 0.0000000000000001m, -999_999.9999m },
    };

    public static TheoryData<decimal, decimal, decimal> Prices() => new()
    {
        { 4508.35m, 100m, 45.0835m },
        { 1m, 3m, 0.33333333m },
        { 0.000000005m, 1m, 0m },
        { 0.000000015m, 1m, 0.00000002m },
        { -459.936363636364m, -10m, 45.99363636m },
        { 999_999_999_999m, 0.00000001m, 99_999_999_999_900_000_000m },
        { 0m, 5m, 0m },
        { 5m, 0m, 0m },
    };

    public static TheoryData<decimal, decimal> Amounts() => new()
    {
        { 0.005m, 0m },
        { 0.015m, 0.02m },
        { 0.025m, 0.02m },
        { -0.015m, -0.02m },
        { -0.025m, -0.02m },
        { 0.0250000000000001m, 0.03m },
        { 999_999_999_999.994999m, 999_999_999_999.99m },
    };

    [Theory]
    [MemberData(nameof(Ratios))]
    public void a_ratio_has_four_decimals_and_ends_where_its_column_does(decimal part, decimal whole, decimal ratio) =>
        Display.Ratio(part, whole).ShouldBe(ratio);

    [Theory]
    [MemberData(nameof(Prices))]
    public void a_price_has_eight_decimals_and_is_zero_of_nothing(decimal amount, decimal quantity, decimal price) =>
        Display.Price(amount, quantity, isFine: false).ShouldBe(price);

    [Fact]
    public void a_price_that_is_made_of_finer_ones_has_eighteen_decimals() =>
        Display.Price(0.0000000123456789m, 3m, isFine: true).ShouldBe(0.000000004115226300m);

    [Theory]
    [MemberData(nameof(Amounts))]
    public void cents_are_rounded_half_to_even(decimal exact, decimal cents) =>
        Display.Amount(exact, Currency.Of("USD")).ShouldBe(cents);

    [Theory]
    [InlineData("JPY", 1.235, 1.24)]
    [InlineData("KWD", 1.2345, 1.234)]
    [InlineData("BTC", 0.123456785, 0.12345678)]
    public void an_amount_has_the_decimals_of_its_currency_and_two_at_least(
        string code, decimal exact, decimal shown) =>
        Display.Amount(exact, Currency.Of(code)).ShouldBe(shown);
}

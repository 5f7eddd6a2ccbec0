using System.Globalization;
using Bifrost.MarketData.Bars;
using Bifrost.MarketData.Quality;

namespace Bifrost.MarketData.Tests.Files;

public sealed class PriceTextTests
{
    [Theory]
    [InlineData("1", "1")]
    [InlineData("+1.50", "1.5")]
    [InlineData(".5", "0.5")]
    [InlineData("5.", "5")]
    [InlineData("0", "0")]
    [InlineData("-0.0", "0")]
    [InlineData("1.5e3", "1500")]
    [InlineData("1.5E+3", "1500")]
    [InlineData("25e-4", "0.0025")]
    [InlineData("0e999999999999", "0")]
    [InlineData("000000000000000000000000000000001.5", "1.5")]
    [InlineData("1.50000000000000000000000000000000000000", "1.5")]
    [InlineData("123456789012.3456789", "123456789012.3456789")]
    [InlineData("999999999999.9999999999999999", "999999999999.9999999999999999")]
    [InlineData("7.922816251426433759354395033", "7.922816251426433759354395033")]
    [InlineData("0.0000000000000000000000000001", "0.0000000000000000000000000001")]
    [InlineData("\"1,234.50\"", "1234.5")]
    [InlineData("\"12,345,678\"", "12345678")]
    [InlineData("\"123.50\"", "123.5")]
    [InlineData("1'234.50", "1234.5")]
    public async Task a_price_has_all_digits_of_its_text(string text, string price)
    {
        var expected = decimal.Parse(price, NumberStyles.Float, CultureInfo.InvariantCulture);
        (await Prices(text)).Bar.Prices.ShouldBe(new OpenHighLowClose(expected, expected, expected, expected));
    }

    [Theory]
    [InlineData("12a")]
    [InlineData("1..2")]
    [InlineData("1.2.3")]
    [InlineData("--1")]
    [InlineData("+")]
    [InlineData(".")]
    [InlineData("1e")]
    [InlineData("1e+")]
    [InlineData("1e5x")]
    [InlineData("1 000")]
    [InlineData("0x10")]
    [InlineData("$5")]
    [InlineData("\"12,34\"")]
    [InlineData("\",123\"")]
    [InlineData("\"1,2345\"")]
    [InlineData("\"1,234.567,8\"")]
    [InlineData("\"1,234e3\"")]
    [InlineData("\"1234,567\"")]
    [InlineData("\"1234567,890\"")]
    [InlineData("\"1,,234\"")]
    [InlineData("\"1,234,\"")]
    [InlineData("1'23.4")]
    [InlineData("1.2M")]
    public async Task what_is_no_number_is_quarantined_with_its_text(string text)
    {
        var bad = (await Prices(text)).Bad;
        (bad.Reason, bad.Detail).ShouldBe(
            (QuarantineReason.UNPARSABLE, $"open '{text.Trim('"')}' is no number."));
    }

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData("null")]
    [InlineData("N/A")]
    [InlineData("-")]
    [InlineData("\"\"")]
    public async Task an_empty_price_is_quarantined_as_empty(string text)
    {
        var bad = (await Prices(text)).Bad;
        bad.Reason.ShouldBe(QuarantineReason.UNPARSABLE);
        bad.Detail.ShouldBe($"open '{text.Trim('"').Trim()}' is empty.");
    }

    [Theory]
    [InlineData("NaN")]
    [InlineData("nan")]
    [InlineData("Infinity")]
    [InlineData("-Infinity")]
    [InlineData("inf")]
    [InlineData("-inf")]
    [InlineData("+INF")]
    public async Task a_price_that_is_not_finite_is_known_by_its_word(string text) =>
        (await Prices(text)).Bad.Reason.ShouldBe(QuarantineReason.NOT_FINITE);

    [Theory]
    [InlineData("1000000000000")]
    [InlineData("1e12")]
    [InlineData("1e400")]
    [InlineData("1.00000000000000000000000000001")]
    [InlineData("99999999999.9999999999999999999")]
    [InlineData("0.00000000000000000000000000001")]
    [InlineData("79228162514264337593543950336")]
    [InlineData("123456789012345678901234567890123456789012345678901234567890")]
    public async Task a_price_with_more_digits_than_are_kept_is_too_large(string text) =>
        (await Prices(text)).Bad.Reason.ShouldBe(QuarantineReason.TOO_LARGE);

    [Theory]
    [InlineData("0", 0)]
    [InlineData("1234.0", 1234)]
    [InlineData("1.5e6", 1_500_000)]
    [InlineData("11456230400", 11_456_230_400)]
    [InlineData("\"1,234,567\"", 1_234_567)]
    [InlineData("1'234'567", 1_234_567)]
    [InlineData("1.2M", 1_200_000)]
    [InlineData("1.234567m", 1_234_567)]
    [InlineData("45 K", 45_000)]
    [InlineData("2.5B", 2_500_000_000)]
    [InlineData("", 0)]
    [InlineData("-", 0)]
    [InlineData("N/A", 0)]
    [InlineData("9223372036854775807", long.MaxValue)]
    public async Task a_whole_volume_is_kept(string text, long volume)
    {
        var read = await Volume(text);
        (read.Bar.Volume, read.Flags.Count).ShouldBe((volume, 0));
    }

    [Theory]
    [InlineData("12.5", 13)]
    [InlineData("13.5", 14)]
    [InlineData("12.4999999999999999999", 12)]
    [InlineData("0.4", 0)]
    public async Task a_volume_that_is_not_whole_is_rounded_and_flagged(string text, long volume)
    {
        var read = await Volume(text);
        read.Bar.Volume.ShouldBe(volume);
        read.Flags.ShouldHaveSingleItem().ShouldBe(new BarFlag(
            "KO", FileRead.Utc("2020-01-02T09:30Z"), FlagKind.VOLUME_ROUNDED,
            $"volume {text} was rounded to {volume}."));
    }

    [Theory]
    [InlineData("9223372036854775808", QuarantineReason.TOO_LARGE)]
    [InlineData("9223372036854775807.5", QuarantineReason.TOO_LARGE)]
    [InlineData("1e30", QuarantineReason.TOO_LARGE)]
    [InlineData("-1", QuarantineReason.NEGATIVE_VOLUME)]
    [InlineData("-0.1", QuarantineReason.NEGATIVE_VOLUME)]
    [InlineData("NaN", QuarantineReason.NOT_FINITE)]
    [InlineData("1.2X", QuarantineReason.UNPARSABLE)]
    [InlineData("M", QuarantineReason.UNPARSABLE)]
    [InlineData("-1.2M", QuarantineReason.NEGATIVE_VOLUME)]
    [InlineData("99999999999999999999999999M", QuarantineReason.TOO_LARGE)]
    public async Task a_volume_that_cannot_be_is_quarantined(string text, QuarantineReason reason) =>
        (await Volume(text)).Bad.Reason.ShouldBe(reason);

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    public async Task an_adjusted_close_may_be_empty(string text) =>
        (await AdjClose(text)).Bar.AdjClose.ShouldBeNull();

    [Theory]
    [InlineData("nan", QuarantineReason.NOT_FINITE)]
    [InlineData("-1", QuarantineReason.NEGATIVE_PRICE)]
    [InlineData("1e12", QuarantineReason.TOO_LARGE)]
    [InlineData("x", QuarantineReason.UNPARSABLE)]
    public async Task an_adjusted_close_that_cannot_be_is_quarantined(string text, QuarantineReason reason) =>
        (await AdjClose(text)).Bad.Reason.ShouldBe(reason);

    // What a program that counts in binary writes for 98.15.
    [Theory]
    [InlineData("98.14999999999999,98.14999999999999,97,98.15", 98.15, 98.15, 97, 98.15)]
    [InlineData("98.15,98.14999999999999,97,98", 98.15, 98.15, 97, 98)]
    [InlineData("98,99,98.00000000000001,99", 98, 99, 98, 99)]
    public async Task a_price_that_is_beyond_its_bound_by_binary_dust_is_the_bound(
        string prices, decimal open, decimal high, decimal low, decimal close)
    {
        var read = await FileRead.OfRows($"KO,2020-01-02T09:30:00Z,{prices},1");
        (read.Bar.Prices.High, read.Bar.Prices.Low, read.Bar.Prices.Close).ShouldBe((high, low, close));
        Math.Abs(read.Bar.Prices.Open - open).ShouldBeLessThan(0.0000000000001m);
    }

    [Fact]
    public async Task a_price_that_is_beyond_its_bound_by_more_is_not() =>
        (await FileRead.OfRows("KO,2020-01-02T09:30:00Z,98,98.1499999,97,98.15,1")).Bad.Reason
            .ShouldBe(QuarantineReason.CLOSE_OUTSIDE);

    private static Task<FileRead> Prices(string price) =>
        FileRead.OfRows($"KO,2020-01-02T09:30:00Z,{price},{price},{price},{price},1");

    private static Task<FileRead> Volume(string volume) =>
        FileRead.OfRows($"KO,2020-01-02T09:30:00Z,1,1,1,1,{volume}");

    private static Task<FileRead> AdjClose(string price) => FileRead.Of(
        $"symbol,time,open,high,low,close,volume,adj_close\nKO,2020-01-02T09:30:00Z,1,1,1,1,1,{price}");
}

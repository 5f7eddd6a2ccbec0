using System.Text;
using Bifrost.MarketData.Bars;
using Bifrost.MarketData.Quality;

namespace Bifrost.MarketData.Tests.Files;

public sealed class QuarantineTests
{
    private const string Good = "KO,2020-01-02T09:30:00Z,2,4,1,3,100";

    [Theory]
    [InlineData("KO,2020-01-02T09:30:00Z,2,4,1,3,1O0", QuarantineReason.UNPARSABLE, "volume '1O0' is no number.")]
    [InlineData("KO,someday,2,4,1,3,100", QuarantineReason.UNPARSABLE, "time 'someday' is no time.")]
    [InlineData("KO,,2,4,1,3,100", QuarantineReason.UNPARSABLE, "time is empty.")]
    [InlineData(",2020-01-02T09:30:00Z,2,4,1,3,100", QuarantineReason.NO_SYMBOL, "symbol '' names none.")]
    [InlineData("NaN,2020-01-02T09:30:00Z,2,4,1,3,100", QuarantineReason.NO_SYMBOL, "symbol 'NaN' names none.")]
    [InlineData("K  O,2020-01-02T09:30:00Z,2,4,1,3,100", QuarantineReason.BAD_SYMBOL, "symbol 'K  O' is none.")]
    [InlineData("KO,2020-01-02T09:30:00Z,2,inf,1,3,100", QuarantineReason.NOT_FINITE, "high 'inf' is not finite.")]
    [InlineData("KO,2020-01-02T09:30:00Z,2,4,-1,3,100", QuarantineReason.NEGATIVE_PRICE, "low '-1' is negative.")]
    [InlineData("KO,2020-01-02T09:30:00Z,2,4,1,3,-100", QuarantineReason.NEGATIVE_VOLUME, "volume '-100' is negative.")]
    [InlineData("KO,2020-01-02T09:30:00Z,2,1e12,1,3,100", QuarantineReason.TOO_LARGE, "high '1e12' is 10^12 or more.")]
    [InlineData("KO,2020-01-02T09:30:00Z,2,4,5,3,100", QuarantineReason.HIGH_BELOW_LOW, "high '4' is below low 5.")]
    [InlineData("KO,2020-01-02T09:30:00Z,5,4,1,3,1", QuarantineReason.OPEN_OUTSIDE, "open '5' is not within 1 and 4.")]
    [InlineData("KO,2020-01-02T09:30Z,2,4,1,0,1", QuarantineReason.CLOSE_OUTSIDE, "close '0' is not within 1 and 4.")]
    [InlineData(
        "KO,2026-01-01T12:02:00Z,2,4,1,3,100", QuarantineReason.FUTURE_TIME,
        "time 2026-01-01T12:02:00Z lies in the future.")]
    public async Task a_row_that_cannot_be_true_is_kept_as_it_came_with_its_reason(
        string row, QuarantineReason reason, string detail)
    {
        var read = await FileRead.OfRows(Good, row, Good);
        read.Bars.Count.ShouldBe(2);
        read.Quarantined.ShouldBe([new QuarantinedRow(3, reason, detail, row)]);
    }

    // Each row breaks its own rule and all that follow.
    [Theory]
    [InlineData("K  O,x,NaN,-4,1e12,-3,-1", QuarantineReason.UNPARSABLE)]
    [InlineData("KO,2023-11-05 01:30,NaN,-4,1e12,-3,-1", QuarantineReason.AMBIGUOUS_TIME)]
    [InlineData(",2027-01-01T09:30:00Z,NaN,-4,1e12,-3,-1", QuarantineReason.NO_SYMBOL)]
    [InlineData("K  O,2027-01-01T09:30:00Z,NaN,-4,1e12,-3,-1", QuarantineReason.BAD_SYMBOL)]
    [InlineData("KO,2027-01-01T09:30:00Z,NaN,-4,1e12,-3,-1", QuarantineReason.NOT_FINITE)]
    [InlineData("KO,2027-01-01T09:30:00Z,9,-4,1e12,-3,-1", QuarantineReason.NEGATIVE_PRICE)]
    [InlineData("KO,2027-01-01T09:30:00Z,9,4,1e12,0,-1", QuarantineReason.NEGATIVE_VOLUME)]
    [InlineData("KO,2027-01-01T09:30:00Z,9,4,1e12,0,1", QuarantineReason.TOO_LARGE)]
    [InlineData("KO,2027-01-01T09:30:00Z,9,4,5,0,1", QuarantineReason.HIGH_BELOW_LOW)]
    [InlineData("KO,2027-01-01T09:30:00Z,9,4,1,0,1", QuarantineReason.OPEN_OUTSIDE)]
    [InlineData("KO,2027-01-01T09:30:00Z,2,4,1,0,1", QuarantineReason.CLOSE_OUTSIDE)]
    [InlineData("KO,2027-01-01T09:30:00Z,2,4,1,3,1", QuarantineReason.FUTURE_TIME)]
    public async Task of_several_rules_the_first_decides(string row, QuarantineReason reason) =>
        (await FileRead.Of(FileRead.Header + row, FileRead.Minutes with { TimeZone = "America/New_York" }))
            .Bad.Reason.ShouldBe(reason);

    [Fact]
    public void every_reason_has_a_row_that_shows_its_place_among_the_others() =>
        typeof(QuarantineTests).GetMethod(nameof(of_several_rules_the_first_decides))!
            .GetCustomAttributesData().Where(a => a.AttributeType == typeof(InlineDataAttribute))
            .Select(a => (QuarantineReason)((IReadOnlyList<System.Reflection.CustomAttributeTypedArgument>)
                a.ConstructorArguments[0].Value!)[1].Value!)
            .ShouldBe(Enum.GetValues<QuarantineReason>(), ignoreOrder: true);

    [Theory]
    [InlineData("ko", "KO")]
    [InlineData("BRK.B", "BRK.B")]
    [InlineData("^GSPC", "^GSPC")]
    [InlineData("EURUSD=X", "EURUSD=X")]
    [InlineData("600519", "600519")]
    [InlineData("NAN", "NAN")]
    [InlineData("\"T\"", "T")]
    public async Task symbols_are_read_in_their_canonical_form(string text, string symbol) =>
        (await FileRead.OfRows(Good.Replace("KO", text, StringComparison.Ordinal))).Bar.Symbol.ShouldBe(symbol);

    [Theory]
    [InlineData("nan", QuarantineReason.NO_SYMBOL)]
    [InlineData("null", QuarantineReason.NO_SYMBOL)]
    [InlineData("\" \"", QuarantineReason.NO_SYMBOL)]
    [InlineData("N/A", QuarantineReason.BAD_SYMBOL)]
    [InlineData("-KO", QuarantineReason.BAD_SYMBOL)]
    [InlineData("ÄÖ", QuarantineReason.BAD_SYMBOL)]
    [InlineData("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456", QuarantineReason.BAD_SYMBOL)]
    [InlineData("ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKLM", QuarantineReason.BAD_SYMBOL)]
    public async Task what_is_no_symbol_is_told_from_none(string text, QuarantineReason reason) =>
        (await FileRead.OfRows(Good.Replace("KO", text, StringComparison.Ordinal))).Bad.Reason.ShouldBe(reason);

    [Fact]
    public async Task a_column_of_ever_new_symbols_is_read_right_to_its_end()
    {
        var symbols = Enumerable.Range(0, 60_000).Select(i => $"S{i % 55_000}").ToList();
        var read = await FileRead.OfRows([.. symbols.Select(s => Good.Replace("KO", s, StringComparison.Ordinal))]);
        read.Bars.Select(bar => bar.Symbol).ShouldBe(symbols);
    }

    [Theory]
    [InlineData(BarInterval.Min, "2026-01-01T12:01:00Z", true)]
    [InlineData(BarInterval.Min, "2026-01-01T12:01:00.000001Z", false)]
    [InlineData(BarInterval.Day, "2026-01-02", true)]
    [InlineData(BarInterval.Day, "2026-01-03", false)]
    public async Task a_minute_and_a_date_ahead_of_utc_are_not_yet_the_future(
        BarInterval interval, string time, bool isBar)
    {
        var read = await TimeFormTests.Rows(FileRead.Minutes with { Interval = interval }, time);
        read.Bars.Count.ShouldBe(isBar ? 1 : 0);
        read.Quarantined.Select(row => row.Reason)
            .ShouldBe(isBar ? [] : [QuarantineReason.FUTURE_TIME]);
    }

    [Fact]
    public async Task what_postgresql_cannot_store_is_replaced_in_the_row()
    {
        var content = Encoding.UTF8.GetBytes($"{FileRead.Header}{Good}\nKO,\0,*,4,1,3,100\n{Good}");
        content[Array.IndexOf(content, (byte)'*')] = 0xFF;
        var read = await FileRead.Of(content);
        read.Bars.Count.ShouldBe(2);
        var bad = read.Quarantined.ShouldHaveSingleItem();
        (bad.Reason, bad.Detail).ShouldBe((QuarantineReason.UNPARSABLE, "The row has a NUL byte."));
        bad.Raw.ShouldBe("KO,\uFFFD,\uFFFD,4,1,3,100");
    }

    [Fact]
    public async Task a_long_row_is_cut_between_characters()
    {
        foreach (var shift in new[] { 0, 1 })
        {
            var row = "KO,x" + new string('.', shift) + string.Concat(Enumerable.Repeat("𝄞", 4_000));
            var raw = (await FileRead.OfRows(row)).Bad.Raw;
            raw.Length.ShouldBe(QuarantinedRow.LongestRaw - shift);
            row.ShouldStartWith(raw);
            new UTF8Encoding(false, true).GetBytes(raw).Length.ShouldBeGreaterThan(raw.Length);
        }
    }

    [Fact]
    public async Task a_long_value_is_cut_in_the_detail()
    {
        var row = Good.Replace(",2,", $",{new string('9', 500)}x,", StringComparison.Ordinal);
        (await FileRead.OfRows(row)).Bad.Detail.ShouldBe($"open '{new string('9', 60)}' is no number.");
    }
}

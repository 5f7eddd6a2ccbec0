using System.Globalization;
using Bifrost.MarketData.Bars;
using Bifrost.MarketData.Files;
using Bifrost.MarketData.Quality;

namespace Bifrost.MarketData.Tests.Files;

/// <summary>Counts and sums were taken by a program of another language, which knows nothing of this reader.</summary>
public sealed class RealFileTests
{
    private static readonly BarFileOptions Frankfurt =
        FileRead.Minutes with { Symbol = "FESX", TimeZone = "Europe/Berlin", LabelsAtEnd = true };

    [SkippableTheory]
    [InlineData("daily/ESTX50.csv", BarInterval.Day, 512, "1791768.94", 0)]
    [InlineData("daily/FESX.csv", BarInterval.Day, 255, "967019", 198009439)]
    [InlineData("daily/GOOG.csv", BarInterval.Day, 2148, "1021327.20", 11856390000)]
    [InlineData("daily/KO.csv", BarInterval.Day, 356, "23191.0312", 2417805000)]
    [InlineData("daily/NVDA.csv", BarInterval.Day, 4012, "51705.0505", 68602349400)]
    [InlineData("daily/ORCL.csv", BarInterval.Day, 5036, "91525.511962", 208702294200)]
    [InlineData("daily/SPX.csv.gz", BarInterval.Day, 15821, "6579896.77", 10519241408000)]
    [InlineData("daily/YHOO.csv", BarInterval.Day, 4965, "116683.763552", 121028839400)]
    [InlineData("intraday/ESTX50-5m.csv", BarInterval.Min, 2142, "7758977.51", 0)]
    [InlineData("intraday/EURUSD-1h.csv", BarInterval.Hour, 5000, "5827.3581", 8734409)]
    [InlineData("intraday/FESX-1m.csv.gz", BarInterval.Min, 30889, "113902210", 23244742)]
    [InlineData("raw/backtrader-ESTX50-5m.txt", BarInterval.Min, 2142, "7758977.51", 0)]
    [InlineData("raw/backtrader-FESX-1m.txt.gz", BarInterval.Min, 30889, "113902210", 23244742)]
    [InlineData("raw/backtrader-FESX-daily-openinterest.txt", BarInterval.Day, 255, "967019", 198009439)]
    [InlineData("raw/ticks-FESX.csv", BarInterval.Min, 135, "414149", 2599)]
    [InlineData("raw/us-date-bom-SPX-1990.csv", BarInterval.Day, 253, "84625.10", 0)]
    [InlineData("raw/yahoo-mixed-adjustment-YHOO-1996-2014.csv.gz", BarInterval.Day, 2679, "66580.050036", 62895529100)]
    [InlineData("raw/yahoo-newest-first-SPX.csv.gz", BarInterval.Day, 15821, "6579896.77", 10519241408000)]
    [InlineData("raw/yahoo-old-volume-before-adjclose-KO.csv", BarInterval.Day, 356, "23191.0312", 2417805000)]
    [InlineData("raw/yahoo-unadjusted-YHOO-1996-2014.csv.gz", BarInterval.Day, 4713, "217260.43505", 117076631000)]
    public async Task every_published_file_is_read_whole(
        string name, BarInterval interval, int bars, string closes, long volumes)
    {
        var read = await RealFiles.Read(name, FileRead.Minutes with { Interval = interval, Symbol = "X" });

        read.Failure.ShouldBeNull();
        read.Bars.Count.ShouldBe(bars);
        read.Bars.Sum(bar => bar.Prices.Close).ShouldBe(decimal.Parse(closes, CultureInfo.InvariantCulture));
        read.Bars.Sum(bar => bar.Volume).ShouldBe(volumes);
        read.Quarantined.Count.ShouldBe(name.Contains("mixed-adjustment", StringComparison.Ordinal) ? 2034 : 0);
        read.Quarantined.ShouldAllBe(row => row.Reason == QuarantineReason.CLOSE_OUTSIDE);
        read.Flags.ShouldBeEmpty();
        read.Batches[^1].BytesRead.ShouldBe(RealFiles.Length(name));
    }

    [SkippableFact]
    public async Task a_close_that_was_adjusted_otherwise_than_the_rest_is_quarantined_as_it_came()
    {
        var read = await RealFiles.Read(
            "raw/yahoo-mixed-adjustment-YHOO-1996-2014.csv.gz", FileRead.Days with { Symbol = "YHOO" });
        read.Quarantined[0].ShouldBe(new QuarantinedRow(
            2, QuarantineReason.CLOSE_OUTSIDE, "close '33.000000' is not within 1.020833 and 1.791667.",
            "1996-04-12,1.052083,1.791667,1.020833,33.000000,1.375000,408720000"));
        read.Quarantined[^1].Raw.ShouldStartWith("2004-05-11,");
        read.Bars[0].Time.ShouldBe(FileRead.Utc("2004-05-12"));
    }

    [SkippableTheory]
    [InlineData("Europe/Berlin")]
    [InlineData("+01:00")]
    public async Task minutes_with_a_split_date_and_end_labels_equal_the_converted_ones(string zone)
    {
        var raw = await RealFiles.Read("raw/backtrader-FESX-1m.txt.gz", Frankfurt with { TimeZone = zone });
        var converted = await RealFiles.Read("intraday/FESX-1m.csv.gz", FileRead.Minutes);
        raw.Bars.ShouldBe(converted.Bars);
    }

    [SkippableFact]
    public async Task five_minute_bars_with_end_labels_equal_the_converted_ones()
    {
        var options = Frankfurt with { Symbol = "ESTX50", BarLength = TimeSpan.FromMinutes(5) };
        var raw = await RealFiles.Read("raw/backtrader-ESTX50-5m.txt", options);
        var converted = await RealFiles.Read("intraday/ESTX50-5m.csv", FileRead.Minutes);
        raw.Bars.ShouldBe(converted.Bars);
    }

    [SkippableFact]
    public async Task a_file_with_the_newest_day_first_has_the_same_days()
    {
        var raw = await RealFiles.Read("raw/yahoo-newest-first-SPX.csv.gz", FileRead.Days with { Symbol = "^spx" });
        var converted = await RealFiles.Read("daily/SPX.csv.gz", FileRead.Days);
        raw.Bars.Select(bar => bar with { Symbol = "SPX" }).Reverse().ShouldBe(converted.Bars);
        raw.Bars[0].Symbol.ShouldBe("^SPX");
    }

    [SkippableFact]
    public async Task an_adjusted_close_is_found_on_either_side_of_the_volume()
    {
        var old = await RealFiles.Read(
            "raw/yahoo-old-volume-before-adjclose-KO.csv", FileRead.Days with { Symbol = "KO" });
        old.Bars.ShouldBe((await RealFiles.Read("daily/KO.csv", FileRead.Days)).Bars);
        var mixed = await RealFiles.Read(
            "raw/yahoo-mixed-adjustment-YHOO-1996-2014.csv.gz", FileRead.Days with { Symbol = "YHOO" });
        (mixed.Bars[^1].AdjClose, mixed.Bars[^1].Volume).ShouldBe((50.509998m, 9305000));
    }

    [SkippableFact]
    public async Task dates_with_the_month_first_equal_the_days_of_1990()
    {
        var raw = await RealFiles.Read("raw/us-date-bom-SPX-1990.csv", FileRead.Days with { Symbol = "SPX" });
        var days = (await RealFiles.Read("daily/SPX.csv.gz", FileRead.Days)).Bars
            .Where(bar => bar.Time.Year == 1990).ToList();
        raw.Bars.Select(bar => bar.Time).ShouldBe(days.Select(bar => bar.Time));
    }

    [SkippableFact]
    public async Task trades_within_a_second_keep_their_milliseconds()
    {
        var read = await RealFiles.Read("raw/ticks-FESX.csv", FileRead.Minutes with { Symbol = "FESX" });
        read.Bars[0].Time.ShouldBe(FileRead.Utc("2015-09-23T20:57:42.146Z"));
        read.Bars[^1].Time.ShouldBe(FileRead.Utc("2015-09-23T21:00:00.238Z"));
    }
}

using Bifrost.MarketData.Bars;
using Bifrost.MarketData.Files;
using Bifrost.MarketData.Ingestion;

namespace Bifrost.MarketData.Tests.Ingestion;

/// <summary>The published files, with the counts and the agreements that their README gives.</summary>
public sealed class RealIngestTests(BarStore store) : IClassFixture<BarStore>
{
    private const string Cet = "Europe/Berlin";

    [SkippableFact]
    public async Task every_published_file_loads_with_the_counts_that_are_known_of_it()
    {
        await Load("daily/ORCL.csv", BarInterval.Day, 5036);
        await Load("daily/NVDA.csv", BarInterval.Day, 4012);
        await Load("daily/YHOO.csv", BarInterval.Day, 4965);
        await Load("daily/GOOG.csv", BarInterval.Day, 2148);
        await Load("daily/SPX.csv.gz", BarInterval.Day, 15821);
        await Load("daily/KO.csv", BarInterval.Day, 356);
        await Load("daily/ESTX50.csv", BarInterval.Day, 512);
        await Load("daily/FESX.csv", BarInterval.Day, 255);
        await Load("intraday/FESX-1m.csv.gz", BarInterval.Min, 30889);
        await Load("intraday/ESTX50-5m.csv", BarInterval.Min, 2142);
        await Load("intraday/EURUSD-1h.csv", BarInterval.Hour, 5000);
        await RawFilesLoad();
        await RawFilesThatSayTheSame();
        await store.RollUp();
        await MinutesAgreeWithDays();
        await GapsAreThoseThatWereCounted();
    }

    private async Task RawFilesLoad()
    {
        await Load("raw/yahoo-unadjusted-YHOO-1996-2014.csv.gz", BarInterval.Day, 4713, symbol: "YHOO.RAW");
        await Load("raw/us-date-bom-SPX-1990.csv", BarInterval.Day, 253, symbol: "SPX.US");
        (await Ingest("raw/yahoo-mixed-adjustment-YHOO-1996-2014.csv.gz", BarInterval.Day, symbol: "YHOO.MIX"))
            .ShouldBe(new IngestCounts(4713, 4713 - 2034, 0, 0, 2034));
        // Two trades of one millisecond are one bar, and the later of them counts.
        (await Ingest("raw/ticks-FESX.csv", BarInterval.Min, symbol: "FESX.T", zone: Cet))
            .ShouldBe(new IngestCounts(135, 135, 1, 0, 0));
    }

    private async Task RawFilesThatSayTheSame()
    {
        await Same("raw/yahoo-newest-first-SPX.csv.gz", BarInterval.Day, 15821, "SPX");
        await Same("raw/yahoo-old-volume-before-adjclose-KO.csv", BarInterval.Day, 356, "KO");
        await Same("raw/backtrader-FESX-daily-openinterest.txt", BarInterval.Day, 255, "FESX");
        await Same("raw/backtrader-FESX-1m.txt.gz", BarInterval.Min, 30889, "FESX", Cet, labelMinutes: 1);
        await Same("raw/backtrader-ESTX50-5m.txt", BarInterval.Min, 2142, "ESTX50", Cet, labelMinutes: 5);
    }

    private async Task MinutesAgreeWithDays()
    {
        const string Compared =
            """
            SELECT count(*), count(*) FILTER (WHERE d.open_price = b.open),
                   count(*) FILTER (WHERE d.high_price = b.high),
                   count(*) FILTER (WHERE d.low_price = b.low), count(*) FILTER (WHERE d.close_price = b.close),
                   count(*) FILTER (WHERE d.total_volume = b.volume)
            FROM daily_price_aggregates d
            JOIN market_stock_hist_bars_day_ts b ON b.symbol = d.symbol AND b.time = d.day
            """;
        (await store.Rows($"{Compared} WHERE d.symbol = 'FESX'")).ShouldBe(["(41,41,41,40,41,1)"]);
        (await store.Rows($"{Compared} WHERE d.symbol = 'ESTX50'")).ShouldBe(["(21,21,20,21,21,21)"]);
    }

    private async Task GapsAreThoseThatWereCounted() => (await store.Query<long>(
        "SELECT count(*) FROM market_bar_flag WHERE symbol = 'FESX' AND bar_interval = 'min' AND kind = 'GAP'"))
        .ShouldBe(725);

    private async Task Load(string file, BarInterval interval, int rows, string? symbol = null) =>
        (await Ingest(file, interval, symbol)).ShouldBe(new IngestCounts(rows, rows, 0, 0, 0), file);

    private async Task Same(
        string file, BarInterval interval, int rows, string symbol, string? zone = null, int? labelMinutes = null) =>
        (await Ingest(file, interval, symbol, zone, labelMinutes))
            .ShouldBe(new IngestCounts(rows, 0, 0, rows, 0), file);

    private async Task<IngestCounts> Ingest(
        string file, BarInterval interval, string? symbol = null, string? zone = null, int? labelMinutes = null)
    {
        await using var content = Tests.Files.RealFiles.Open(file);
        var options = new BarFileOptions
        {
            Interval = interval, Symbol = symbol, TimeZone = zone, LabelsAtEnd = labelMinutes is not null,
            BarLength = labelMinutes is { } minutes ? TimeSpan.FromMinutes(minutes) : null,
        };
        return await store.Ingest(options, Path.GetFileName(file), content);
    }
}

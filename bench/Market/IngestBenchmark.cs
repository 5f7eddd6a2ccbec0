using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Bifrost.MarketData;
using Bifrost.MarketData.Bars;
using Bifrost.MarketData.Files;
using Bifrost.MarketData.Ingestion;
using Bifrost.MarketData.Rollups;
using Npgsql;

namespace Bifrost.Bench.Market;

/// <summary>Bars a second from a CSV file into their hypertable, the first time and again.</summary>
internal sealed class IngestBenchmark(BenchDatabase database, NpgsqlDataSource market, string folder)
{
    private const string About =
        """
        Bars a second through the idempotent path, from a CSV file: the first time, and again unchanged. Beside them the
        bare binary COPY of the same rows, encoded beforehand, into the same empty hypertable in the same run.

          ./bifrost bench ingest --symbols 500 --days 10
        """;

    private const string Columns = "symbol, time, open, high, low, close, volume, adj_close";

    private string Csv => Path.Combine(folder, "bars.csv");

    private string Binary => Path.Combine(folder, "bars.copy");

    public static Command Create()
    {
        var symbols = BenchOptions.Count("--symbols", 500, "Symbols.");
        var days = BenchOptions.Count("--days", 10, "Days of 390 minutes each.");
        var runs = BenchOptions.Count("--runs", 3, "Runs; the one in the middle is shown.");
        var save = BenchOptions.Save("ingest");
        var command = new Command("ingest", About) { symbols, days, runs, save };
        command.SetAction((parsed, cancel) => BenchDatabase.Use(
            async database =>
            {
                await using var market = MarketConnections.Workers(database.ConnectionString);
                var folder = Directory.CreateTempSubdirectory("bifrost-bench-").FullName;
                try
                {
                    var benchmark = new IngestBenchmark(database, market, folder);
                    var report = await benchmark.Run(
                        parsed.GetValue(symbols), parsed.GetValue(days), parsed.GetValue(runs), cancel);
                    report.Print();
                    if (parsed.GetValue(save))
                        await report.Save("ingest", cancel);
                }
                finally
                {
                    Directory.Delete(folder, recursive: true);
                }
            },
            cancel));
        return command;
    }

    private async Task<PlainReport> Run(int symbols, int days, int runs, CancellationToken cancel)
    {
        var rows = await WriteCsv(MadeBars.Of(MadeBars.Symbols(symbols), MadeBars.Days(days)), cancel);
        var (bare, first, again, rolled) =
            (new List<double>(), new List<double>(), new List<double>(), new List<double>());
        await Empty(cancel);
        // Warms the program up, and gives the rows to encode.
        await Ingest(cancel);
        await WriteBinary(cancel);
        for (var run = 0; run < runs; run++)
        {
            await Empty(cancel);
            bare.Add(rows / await CopyIn(cancel));
            await Empty(cancel);
            first.Add(rows / await Ingest(cancel));
            again.Add(rows / await Ingest(cancel));
            var since = Stopwatch.GetTimestamp();
            await new BarRollups(market).Run(progress: null, cancel);
            rolled.Add(rows / Stopwatch.GetElapsedTime(since).TotalSeconds);
        }
        var report = new PlainReport(
            "Bars ingested a second", "./bifrost bench ingest --save", "what", "rows/s", "spread", "of bare COPY");
        Add(report, "bare binary COPY", bare, bare);
        Add(report, "first load", first, bare);
        Add(report, "the same again, unchanged", again, bare);
        Add(report, "rolling up and looking over", rolled, bare);
        report.Notes.Add(string.Create(
            CultureInfo.InvariantCulture,
            $"{rows:N0} rows by time: {symbols} symbols, {days} days of {MadeBars.MinutesOfDay} minutes; {runs} runs"));
        report.Notes.Add(await Machine.Describe(database, cancel));
        return report;
    }

    private static void Add(PlainReport report, string what, List<double> rates, List<double> yardstick)
    {
        var (median, bare) = (Median(rates), Median(yardstick));
        report.Add(
            what,
            PlainReport.Number(median),
            ((rates.Max() - rates.Min()) / median).ToString("P0", CultureInfo.InvariantCulture),
            PlainReport.Decimals(median / bare));
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    private async Task<long> WriteCsv(IEnumerable<Bar> bars, CancellationToken cancel)
    {
        await using var csv = new StreamWriter(Csv);
        await csv.WriteLineAsync("symbol,time,open,high,low,close,volume");
        var rows = 0L;
        foreach (var bar in bars)
        {
            cancel.ThrowIfCancellationRequested();
            var (o, h, l, c) = bar.Prices;
            await csv.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture,
                $"{bar.Symbol},{bar.Time:yyyy-MM-ddTHH:mm:ssZ},{o},{h},{l},{c},{bar.Volume}"));
            rows++;
        }
        return rows;
    }

    // Chunks, pending periods and prices go as well, so each load is a first one.
    private Task Empty(CancellationToken cancel) => database.Execute(
        $"TRUNCATE {BarInterval.Min.Table()}, market_bar_pending, market_last_price, hourly_price_aggregates, "
            + "daily_price_aggregates, weekly_price_aggregates, market_bar_flag",
        cancel);

    private async Task<double> Ingest(CancellationToken cancel)
    {
        await using var file = File.OpenRead(Csv);
        var since = Stopwatch.GetTimestamp();
        var options = new BarFileOptions { Interval = BarInterval.Min };
        var counts = await new BarIngestion(new BarWriter(market)).Run(
            BarFile.Read(file, options, cancel),
            BarInterval.Min,
            new BarOrigin("bench", OnPurpose: false),
            progress: null,
            cancel);
        if (counts.Quarantined > 0)
            throw new InvalidOperationException($"{counts.Quarantined} rows were quarantined.");
        return Stopwatch.GetElapsedTime(since).TotalSeconds;
    }

    private async Task WriteBinary(CancellationToken cancel)
    {
        await using var connection = await database.Owner.OpenConnectionAsync(cancel);
        await using var file = File.Create(Binary);
        await using var copy = await connection.BeginRawBinaryCopyAsync(
            $"COPY (SELECT {Columns} FROM {BarInterval.Min.Table()} ORDER BY time, symbol) TO STDOUT (FORMAT binary)",
            cancel);
        await copy.CopyToAsync(file, cancel);
    }

    private async Task<double> CopyIn(CancellationToken cancel)
    {
        await using var connection = await database.Owner.OpenConnectionAsync(cancel);
        await using var file = File.OpenRead(Binary);
        var since = Stopwatch.GetTimestamp();
        await using (var copy = await connection.BeginRawBinaryCopyAsync(
            $"COPY {BarInterval.Min.Table()} ({Columns}) FROM STDIN (FORMAT binary)", cancel))
            await file.CopyToAsync(copy, cancel);
        return Stopwatch.GetElapsedTime(since).TotalSeconds;
    }
}

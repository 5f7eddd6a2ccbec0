using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Bifrost.MarketData;
using Bifrost.MarketData.Bars;
using Bifrost.MarketData.Ingestion;
using Bifrost.MarketData.Rollups;
using Npgsql;

namespace Bifrost.Bench.Market;

/// <summary>How long reads of bars take over HTTP, beside the same SQL without the server.</summary>
internal sealed class BarsReadBenchmark(BenchDatabase database, NpgsqlDataSource market)
{
    private const string About =
        """
        How long reads of bars take, over HTTP and beside it the same SQL run bare: the latest prices of all symbols, a
        symbol's minutes of 30 days (read in pages of 1,000 over HTTP), and the daily rollups of a month, of one symbol
        and of all. Bare rows are read and thrown away; over HTTP they are written and parsed as JSON.

          ./bifrost bench bars-read --symbols 500 --days 22
        """;

    private const string Latest =
        "SELECT symbol, price, volume, time, bar_interval FROM market_last_price WHERE symbol = ANY ($1)";

    private const string Minutes =
        """
        SELECT time, open, high, low, close, volume, adj_close FROM market_stock_hist_bars_min_ts
        WHERE symbol = $1 AND time >= $2 ORDER BY time
        """;

    private const string Days =
        """
        SELECT symbol, day, open_price, high_price, low_price, close_price, total_volume FROM daily_price_aggregates
        WHERE symbol = ANY ($1) AND day >= $2 ORDER BY symbol, day
        """;

    private int repeats;

    public static Command Create()
    {
        var symbols = BenchOptions.Count("--symbols", 500, "Symbols.");
        var days = BenchOptions.Count("--days", 22, "Trading days that are stored.");
        var repeats = BenchOptions.Count("--repeats", 200, "Of each read.");
        var save = BenchOptions.Save("bars-read");
        var command = new Command("bars-read", About) { symbols, days, repeats, save };
        command.SetAction((parsed, cancel) => BenchDatabase.Use(
            async database =>
            {
                await using var market = MarketConnections.Workers(database.ConnectionString);
                var benchmark = new BarsReadBenchmark(database, market) { repeats = parsed.GetValue(repeats) };
                var report = await benchmark.Run(parsed.GetValue(symbols), parsed.GetValue(days), cancel);
                report.Print();
                if (parsed.GetValue(save))
                    await report.Save("bars-read", cancel);
            },
            cancel));
        return command;
    }

    private async Task<PlainReport> Run(int count, int days, CancellationToken cancel)
    {
        var symbols = MadeBars.Symbols(count);
        await Load(symbols, MadeBars.Days(days), cancel);
        await using var server = await ServerProcess.Start(database.ConnectionString, cancel);
        using var http = new HttpClient { BaseAddress = server.Url };
        var report = new PlainReport(
            "Reads of bars", "./bifrost bench bars-read --save",
            "what", "rows", "HTTP p50 ms", "HTTP p99 ms", "bare p50 ms", "bare p99 ms", "ratio of p50");
        var since = DateTime.UtcNow.Date.AddDays(-30);
        var from = since.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        await Compare(
            report,
            $"latest of {count} symbols",
            _ => Get(http, $"/api/market-data/latest?symbols={string.Join(',', symbols)}", cancel),
            _ => Read(Latest, cancel, (object)symbols));
        await Compare(
            report,
            "a symbol's minutes of 30 days",
            i => Pages(http, $"/api/market-data/bars/{symbols[i % count]}?interval=min&limit=1000&from={from}", cancel),
            i => Read(Minutes, cancel, symbols[i % count], since));
        await Compare(
            report,
            "a symbol's daily rollups of a month",
            i => Pages(http, $"/api/market-data/bars/{symbols[i % count]}?interval=day&from={from}", cancel),
            i => Read(Days, cancel, new[] { symbols[i % count] }, since));
        await Compare(
            report,
            $"daily statistics of a day, {count} symbols",
            _ => Pages(http, $"/api/market-data/statistics?limit=1000&from={Yesterday(days)}", cancel),
            _ => Read(Days, cancel, symbols, MadeBars.Days(days)[^1].ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc)));
        report.Notes.Add(string.Create(
            CultureInfo.InvariantCulture,
            $"{count * days * MadeBars.MinutesOfDay:N0} minutes stored; {repeats} reads of each, one after another"));
        report.Notes.Add(await Machine.Describe(database, cancel));
        return report;
    }

    private static string Yesterday(int days) =>
        MadeBars.Days(days)[^1].ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private async Task Load(string[] symbols, DateOnly[] days, CancellationToken cancel)
    {
        await new BarIngestion(new BarWriter(market)).Run(
            MadeBars.Batches(MadeBars.Of(symbols, days)),
            BarInterval.Min,
            new BarOrigin("bench", OnPurpose: false),
            progress: null,
            cancel);
        await new BarRollups(market).Run(progress: null, cancel);
        await database.Execute("ANALYZE", cancel);
    }

    private async Task Compare(PlainReport report, string what, Func<int, Task<int>> served, Func<int, Task<int>> bare)
    {
        var (overHttp, rows) = await Measure(served);
        var (alone, _) = await Measure(bare);
        report.Add(
            what,
            PlainReport.Number(rows),
            PlainReport.Decimals(At(overHttp, 0.5)),
            PlainReport.Decimals(At(overHttp, 0.99)),
            PlainReport.Decimals(At(alone, 0.5)),
            PlainReport.Decimals(At(alone, 0.99)),
            PlainReport.Decimals(At(overHttp, 0.5) / At(alone, 0.5)));
    }

    private async Task<(double[] Milliseconds, int Rows)> Measure(Func<int, Task<int>> read)
    {
        var rows = 0;
        for (var i = 0; i < repeats / 10 + 1; i++)
            rows = await read(i);
        if (rows == 0)
            throw new InvalidOperationException("A read found nothing.");
        var times = new double[repeats];
        for (var i = 0; i < repeats; i++)
        {
            var since = Stopwatch.GetTimestamp();
            await read(i);
            times[i] = Stopwatch.GetElapsedTime(since).TotalMilliseconds;
        }
        return (times, rows);
    }

    private static double At(double[] times, double share) =>
        times.Order().ElementAt(Math.Min(times.Length - 1, (int)(times.Length * share)));

    private static async Task<int> Get(HttpClient http, string path, CancellationToken cancel)
    {
        await using var body = await http.GetStreamAsync(path, cancel);
        return (await JsonNode.ParseAsync(body, cancellationToken: cancel))!["items"]!.AsArray().Count;
    }

    private static async Task<int> Pages(HttpClient http, string path, CancellationToken cancel)
    {
        var (rows, after) = (0, (string?)null);
        do
        {
            var page = after is null ? path : $"{path}&after={Uri.EscapeDataString(after)}";
            await using var body = await http.GetStreamAsync(page, cancel);
            var answer = (await JsonNode.ParseAsync(body, cancellationToken: cancel))!;
            rows += answer["items"]!.AsArray().Count;
            after = (string?)answer["next"];
        }
        while (after is not null);
        return rows;
    }

    private async Task<int> Read(string sql, CancellationToken cancel, params object[] values)
    {
        await using var command = market.CreateCommand(sql);
        foreach (var value in values)
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var rows = 0;
        var row = new object[reader.FieldCount];
        while (await reader.ReadAsync(cancel))
        {
            reader.GetValues(row);
            rows++;
        }
        return rows;
    }
}

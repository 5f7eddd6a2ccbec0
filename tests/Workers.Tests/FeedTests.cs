using System.Net;
using System.Text;
using Bifrost.Instruments;
using Bifrost.MarketData.Bars;
using Bifrost.MarketData.Feeds;
using Bifrost.MarketData.Files;
using Bifrost.MarketData.Ingestion;
using Bifrost.MarketData.Prices;
using Bifrost.Workers.Feeds;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Bifrost.Workers.Tests;

public sealed class FeedTests(ValuedLedger valued) : IClassFixture<ValuedLedger>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static readonly DateTime Now = new(2026, 3, 2, 15, 0, 30, DateTimeKind.Utc);

    [Fact]
    public async Task the_simulated_market_makes_the_same_bars_again_and_joins_where_it_left()
    {
        var whole = await Bars(Simulated(Now, TimeSpan.FromHours(3)), null);
        var early = await Bars(Simulated(Now.AddHours(-1), TimeSpan.FromHours(2)), null);
        var late = await Bars(Simulated(Now, TimeSpan.FromHours(3)), early[^1].Time);

        early.Concat(late).ShouldBe(whole);
        whole.Select(bar => bar.Symbol).Distinct().ShouldAllBe(symbol => symbol.StartsWith("SIM."));
        whole[^1].Time.ShouldBe(new DateTime(2026, 3, 2, 14, 59, 0, DateTimeKind.Utc));
    }

    [Fact]
    public async Task simulated_bars_are_true_ones_and_each_opens_where_the_one_before_closed()
    {
        var bars = await Bars(Simulated(Now, TimeSpan.FromDays(2)), null);

        bars.Count.ShouldBe(8 * 2 * 1440);
        foreach (var bar in bars)
        {
            var (open, high, low, close) = bar.Prices;
            (low > 0 && low <= Math.Min(open, close) && high >= Math.Max(open, close)).ShouldBeTrue($"{bar}");
            bar.Volume.ShouldBeGreaterThan(0);
        }
        foreach (var symbol in bars.GroupBy(bar => bar.Symbol))
        {
            foreach (var (before, after) in symbol.Zip(symbol.Skip(1)))
                after.Prices.Open.ShouldBe(before.Prices.Close);
            symbol.Select(bar => bar.Prices.Close).Distinct().Count().ShouldBeGreaterThan(20, symbol.Key);
        }
    }

    [Fact]
    public async Task another_seed_makes_other_prices()
    {
        var one = await Bars(new SimulatedBars(1, new Stopped(Now), TimeSpan.FromMinutes(5)), null);
        var other = await Bars(new SimulatedBars(2, new Stopped(Now), TimeSpan.FromMinutes(5)), null);

        one.ShouldNotBe(other);
    }

    [Fact]
    public async Task an_address_is_polled_for_each_symbol_and_from_the_newest_bar_on()
    {
        var asked = new List<string>();
        await using var server = await Serve(context =>
        {
            asked.Add(context.Request.QueryString.Value!);
            var symbol = context.Request.Query["s"].ToString();
            return context.Response.WriteAsync($"date,open,high,low,close\n2024-03-08 14:30,{symbol.Length},9,1,5\n");
        });
        using var http = new HttpClient();
        var provider = new HttpBars(
            http,
            $"{server.Urls.Single()}/bars?s={{symbol}}&from={{from}}&since={{fromEpoch}}",
            ["POLL", "POLLED"],
            new BarFileOptions { Interval = BarInterval.Min },
            TimeProvider.System);

        var bars = await Bars(provider, new DateTime(2024, 3, 8, 14, 29, 0, DateTimeKind.Utc));

        bars.Select(bar => (bar.Symbol, bar.Prices.Open)).ShouldBe([("POLL", 4m), ("POLLED", 6m)]);
        asked.ShouldBe([
            "?s=POLL&from=2024-03-08T14%3A29%3A00Z&since=1709908140",
            "?s=POLLED&from=2024-03-08T14%3A29%3A00Z&since=1709908140",
        ]);
    }

    [Fact]
    public async Task a_provider_that_fails_and_answers_nonsense_is_asked_again_until_it_has_bars()
    {
        var calls = 0;
        var served = new TaskCompletionSource();
        await using var server = await Serve(async context =>
        {
            calls++;
            if (calls == 1)
                await context.Response.WriteAsync("<html>maintenance</html>");
            else
                await context.Response.WriteAsync("symbol,time,open,high,low,close\nRETRY,2024-03-08T14:30Z,1,1,1,1\n");
            if (calls == 3)
                served.TrySetResult();
        });
        using var http = new HttpClient();
        using var worker = new PollingWorker(
            new HttpBars(
                http, server.Urls.Single(), ["RETRY"], new BarFileOptions { Interval = BarInterval.Min },
                TimeProvider.System),
            TimeSpan.FromMilliseconds(10),
            Ingestion,
            new LastPrices(valued.Market),
            new InstrumentCatalog(valued.Market),
            NullLogger<PollingWorker>.Instance);

        await worker.StartAsync(CancellationToken.None);
        await served.Task.WaitAsync(Patience);
        await worker.StopAsync(CancellationToken.None);

        (await new LastPrices(valued.Market).Of(["RETRY"])).Single().Price.ShouldBe(1);
    }

    [Fact]
    public async Task files_that_are_put_into_a_watched_folder_are_loaded_and_moved()
    {
        var folder = Directory.CreateTempSubdirectory("bifrost-watch-").FullName;
        try
        {
            Directory.CreateDirectory(Path.Combine(folder, "day"));
            await Write(folder, "day/WATCHED.csv", "Date,Open,High,Low,Close\n2024-03-08,1,1,1,1\n");
            await Write(folder, "day/watch%2Fpair.csv", "Date,Open,High,Low,Close\n2024-03-08,1,1,1,1\n");
            await Write(folder, "day/letter.txt", "Dear Sir or Madam\n");
            await Write(folder, "day/.copying.csv", "Date,Open,High,Low,Close\n2024-03-08,1,1,1,1\n");
            Directory.CreateDirectory(Path.Combine(folder, "hour"));
            await Write(folder, "hour/.options.json", """{"timeZone":"Asia/Tokyo","dateOrder":"dmy"}""");
            await Write(folder, "hour/TOKYO.csv", "Time,Open,High,Low,Close\n01/03/2024 09:00,1,1,1,1\n");
            Directory.CreateDirectory(Path.Combine(folder, "min"));
            await Write(folder, "min/.options.json", """{"labels":"middle"}""");
            await Write(folder, "min/MIDDLE.csv", "Time,Open,High,Low,Close\n2024-03-08 09:00,1,1,1,1\n");
            using var worker = new FolderWorker(folder, Ingestion, new(), NullLogger<FolderWorker>.Instance);

            await worker.StartAsync(CancellationToken.None);
            string[] due =
            [
                "failed/letter.txt.reason.txt", "failed/MIDDLE.csv.reason.txt", "done/WATCHED.csv", "done/TOKYO.csv",
                "done/watch%2Fpair.csv",
            ];
            await Eventually.Is(
                () => Task.FromResult(due.All(name => File.Exists(Path.Combine(folder, name)))),
                Patience,
                () => "Not all are moved.");
            await worker.StopAsync(CancellationToken.None);

            (await new LastPrices(valued.Market).Of(["WATCHED"])).Single().Interval.ShouldBe(BarInterval.Day);
            (await new LastPrices(valued.Market).Of(["WATCH/PAIR"])).Count.ShouldBe(1);
            (await new LastPrices(valued.Market).Of(["TOKYO"])).Single().Time
                .ShouldBe(new DateTime(2024, 3, 1, 0, 0, 0, DateTimeKind.Utc));
            (await File.ReadAllTextAsync(Path.Combine(folder, "failed", "MIDDLE.csv.reason.txt")))
                .ShouldBe("In .options.json beside the file, labels is start or end.\n");
            Directory.GetFiles(Path.Combine(folder, "day")).Select(Path.GetFileName).ShouldBe([".copying.csv"]);
            (await File.ReadAllTextAsync(Path.Combine(folder, "failed", "letter.txt.reason.txt"))).ShouldNotBeEmpty();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private BarIngestion Ingestion => new(new BarWriter(valued.Market));

    private static SimulatedBars Simulated(DateTime now, TimeSpan past) => new(1, new Stopped(now), past);

    private static async Task<List<Bar>> Bars(IBarProvider provider, DateTime? newest)
    {
        var bars = new List<Bar>();
        await foreach (var batch in provider.Fetch(newest, CancellationToken.None))
            bars.AddRange(batch.Bars);
        return bars;
    }

    private static Task Write(string folder, string name, string text) =>
        File.WriteAllTextAsync(Path.Combine(folder, name), text, Encoding.UTF8);

    private static async Task<WebApplication> Serve(RequestDelegate answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Run(answer);
        await app.StartAsync();
        return app;
    }

    private sealed class Stopped(DateTime now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}

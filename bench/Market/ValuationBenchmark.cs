using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Bifrost.Domain;
using Bifrost.Domain.Funding;
using Bifrost.Domain.Orders;
using Bifrost.Domain.Portfolios;
using Bifrost.Grains;
using Bifrost.MarketData;
using Bifrost.MarketData.Bars;
using Bifrost.MarketData.Ingestion;
using Bifrost.MarketData.Prices;
using Bifrost.Workers.Prices;
using Npgsql;

namespace Bifrost.Bench.Market;

/// <summary>How long it takes to value all holdings anew when all prices change.</summary>
internal sealed class ValuationBenchmark(BenchDatabase database, NpgsqlDataSource market)
{
    private const string About =
        """
        How long it takes to value all holdings and portfolios anew when every price changes, beside one statement that
        only adds a cent to the price of each holding, and so does the same writing without finding out what to write.

          ./bifrost bench valuation --portfolios 1000 --holdings 20 --symbols 500
        """;

    private const string Yardstick = "UPDATE holding SET current_price = current_price + 0.01";

    private readonly BarWriter writer = new(market);

    public static System.CommandLine.Command Create()
    {
        var portfolios = BenchOptions.Count("--portfolios", 1000, "Portfolios.");
        var holdings = BenchOptions.Count("--holdings", 20, "Holdings of each.");
        var symbols = BenchOptions.Count("--symbols", 500, "Symbols.");
        var ticks = BenchOptions.Count("--ticks", 20, "How often.");
        var save = BenchOptions.Save("valuation");
        var command = new System.CommandLine.Command("valuation", About) { portfolios, holdings, symbols, ticks, save };
        command.SetAction((parsed, cancel) => BenchDatabase.Use(
            async database =>
            {
                await using var market = MarketConnections.Workers(database.ConnectionString);
                var benchmark = new ValuationBenchmark(database, market);
                await benchmark.Trade(
                    parsed.GetValue(portfolios), parsed.GetValue(holdings), MadeBars.Symbols(parsed.GetValue(symbols)));
                var report = await benchmark.Run(
                    MadeBars.Symbols(parsed.GetValue(symbols)), parsed.GetValue(ticks), cancel);
                report.Print();
                if (parsed.GetValue(save))
                    await report.Save("valuation", cancel);
            },
            cancel));
        return command;
    }

    private async Task Trade(int portfolios, int holdings, string[] symbols)
    {
        await using var ledger = await Ledger.Start(new LedgerOptions(database.ConnectionString));
        await Task.WhenAll(Enumerable.Range(0, portfolios).Select(async i =>
        {
            var id = ledger.NextPortfolioId();
            await Do(ledger, id, new OpenPortfolio
            {
                PortfolioId = id, UserId = 1, Name = $"Valued {i}", Currency = Currency.Of("USD"),
                LotMethod = LotMethod.FIFO,
            });
            await Do(ledger, id, new MoveCash { Type = FundingType.DEPOSIT, Amount = 1_000_000 });
            for (var held = 0; held < holdings; held++)
            {
                await Do(ledger, id, new RecordExecution
                {
                    ExecutionId = $"{i}-{held}", Symbol = symbols[(i * holdings + held) % symbols.Length],
                    Side = OrderSide.BUY, Quantity = 10 + held, Price = 25.5m,
                });
            }
        }));
    }

    private static async Task Do(Ledger ledger, int portfolioId, Domain.Command command)
    {
        var answer = await ledger.Execute(
            new CommandRequest(portfolioId, command, CommandIdentity.Unrepeatable("bench")));
        if (answer.Rejection is { } rejection)
            throw new InvalidOperationException($"{command.GetType().Name}: {rejection.Detail}");
    }

    private async Task<PlainReport> Run(string[] symbols, int ticks, CancellationToken cancel)
    {
        await using var readers = LedgerConnections.Readers(database.ConnectionString);
        var (valuation, stored) = (new Valuation(readers), new LastPrices(market));
        var (times, bare, version, rows) = (new List<double>(), new List<double>(), 0L, 0L);
        var now = DateTime.UtcNow.Date.AddMinutes(-ticks - 1);
        await database.Execute("ANALYZE", cancel);
        for (var tick = 0; tick < ticks; tick++)
        {
            await Tick(symbols, now.AddMinutes(tick), tick, cancel);
            var since = Stopwatch.GetTimestamp();
            var done = await valuation.Run(version, cancel);
            times.Add(Stopwatch.GetElapsedTime(since).TotalMilliseconds);
            (rows, version) = (done.Holdings, (await stored.ChangedAfter(version, cancel)).Version);
            since = Stopwatch.GetTimestamp();
            await database.Execute(Yardstick, cancel);
            bare.Add(Stopwatch.GetElapsedTime(since).TotalMilliseconds);
        }
        var report = new PlainReport(
            "Valuation", "./bifrost bench valuation --save", "what", "holdings", "p50 ms", "max ms", "holdings/s");
        Add(report, "a tick of all symbols", rows, times);
        Add(report, "one bare update of the same rows", rows, bare);
        report.Notes.Add(string.Create(
            CultureInfo.InvariantCulture, $"{symbols.Length} symbols in a tick, {ticks} ticks"));
        report.Notes.Add(await Machine.Describe(database, cancel));
        return report;
    }

    private async Task Tick(string[] symbols, DateTime time, int tick, CancellationToken cancel)
    {
        var bars = symbols.Select((symbol, i) =>
        {
            var price = (2_000 + i + tick * 7 % 50) / 100m;
            return new Bar(symbol, time, new OpenHighLowClose(price, price, price, price), 100, null);
        });
        await writer.Write(
            new BarBatch([.. bars], [], [], 0), BarInterval.Min, new BarOrigin("bench", OnPurpose: false), cancel);
    }

    private static void Add(PlainReport report, string what, long rows, List<double> times)
    {
        var median = times.Order().ElementAt(times.Count / 2);
        report.Add(
            what,
            PlainReport.Number(rows),
            PlainReport.Decimals(median),
            PlainReport.Decimals(times.Max()),
            PlainReport.Number(rows / median * 1000));
    }
}

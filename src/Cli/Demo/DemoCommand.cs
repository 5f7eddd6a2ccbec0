using System.CommandLine;
using System.Globalization;
using Spectre.Console;

namespace Bifrost.Cli.Demo;

internal static class DemoCommand
{
    private static readonly string[] Methods = ["FIFO", "LIFO", "HIFO", "AVERAGE", "SPECIFIC"];

    public static Command Create()
    {
        var server = ServerClient.Option();
        var bars = new Option<DirectoryInfo?>("--bars")
        {
            Description = "A folder of daily bars (SYMBOL.csv: symbol,time,open,high,low,close,…). "
                + "Without it prices come from a seeded generator.",
        };
        var symbols = new Option<string[]>("--symbols")
        {
            Description = "What to trade.",
            DefaultValueFactory = _ => ["ORCL", "NVDA", "KO"],
            AllowMultipleArgumentsPerToken = true,
        };
        var orders = new Option<int>("--orders")
        {
            Description = "Orders of each portfolio.",
            DefaultValueFactory = _ => 200,
        };
        var seed = new Option<int>("--seed")
        {
            Description = "The same seed trades the same.",
            DefaultValueFactory = _ => 1,
        };
        var command = new Command(
            "demo",
            "Opens a portfolio for each lot method on the running server and trades the same orders in all of them.")
        {
            server, bars, symbols, orders, seed,
        };
        command.Does(async (parsed, cancel) =>
        {
            var prices = parsed.GetValue(bars) is { } folder
                ? DailyPrices.FromFolder(folder, parsed.GetValue(symbols)!)
                : DailyPrices.Generated(parsed.GetValue(symbols)!, parsed.GetValue(seed));
            var plan = TradingPlan.Make(prices, parsed.GetValue(orders), parsed.GetValue(seed));
            return await Run(ServerClient.Address(parsed.GetValue(server)!), plan, cancel);
        });
        return command;
    }

    private static async Task<int> Run(Uri server, TradingPlan plan, CancellationToken cancel)
    {
        using var client = new DemoClient(server);
        var name = $"Demo {DateTimeOffset.UtcNow.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture)}";
        Console.WriteLine(
            $"{plan.Trades.Count} orders in {Methods.Length} portfolios on {server}, "
            + $"{plan.First:yyyy-MM-dd} to {plan.Last:yyyy-MM-dd}");
        var summaries = new List<DemoSummary>();
        await AnsiConsole.Progress().AutoClear(true).StartAsync(async progress =>
        {
            var tasks = Methods.ToDictionary(
                method => method, method => progress.AddTask(method, maxValue: plan.Trades.Count));
            summaries.AddRange(await Task.WhenAll(Methods.Select(method =>
                client.Trade(name, method, plan, () => tasks[method].Increment(1), cancel))));
        });
        Show(summaries);
        return 0;
    }

    private static void Show(List<DemoSummary> summaries)
    {
        var table = new Table().AddColumns(
            "portfolio", "lot method", "cash", "cost of holdings", "realized P&L", "value");
        for (var i = 2; i < 6; i++)
            table.Columns[i].RightAligned();
        foreach (var s in summaries)
        {
            table.AddRow(
                $"{s.PortfolioId}",
                s.LotMethod,
                Amount(s.Cash),
                Amount(s.CostBasis),
                Amount(s.RealizedPnl),
                Amount(s.Value));
        }
        AnsiConsole.Write(table);
        Console.WriteLine("The same trades, five ways to say what was sold. Prove it:  ./bifrost replay verify");
    }

    private static string Amount(decimal amount) => amount.ToString("N2", CultureInfo.InvariantCulture);
}

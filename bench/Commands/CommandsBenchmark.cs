using System.Globalization;
using Bifrost.Bench.PlainMarten;
using Bifrost.Grains;
using JasperFx.Events.Projections;

namespace Bifrost.Bench.Commands;

/// <summary>Measures commands a second, in process and over HTTP, with the yardsticks in the same run.</summary>
internal sealed class CommandsBenchmark
{
    private const int WarmUpCallers = 32;

    private readonly BenchDatabase database;
    private readonly CommandsOptions options;
    private readonly CommandsReport report;

    private CommandsBenchmark(BenchDatabase database, CommandsOptions options, CommandsReport report) =>
        (this.database, this.options, this.report) = (database, options, report);

    public static Task<int> Run(CommandsOptions options, CancellationToken cancel) => BenchDatabase.Use(
        async database =>
        {
            var report = new CommandsReport(await Machine.Describe(database, cancel));
            await new CommandsBenchmark(database, options, report).Run(cancel);
            report.Print();
            if (options.Save)
                await report.Save(Path.GetFullPath("../../../baselines/commands.md", AppContext.BaseDirectory), cancel);
        },
        cancel);

    private async Task Run(CancellationToken cancel)
    {
        if (options.Scenarios.Intersect([CommandsCommand.Spread, CommandsCommand.Hot]).Any())
            await InProcess(cancel);
        if (options.Scenarios.Contains(CommandsCommand.Sealing))
            await Sealing(cancel);
        if (options.Scenarios.Contains(CommandsCommand.Marten))
            await InMarten(cancel);
        if (options.Scenarios.Intersect([CommandsCommand.HttpSpread, CommandsCommand.HttpHot]).Any())
            await OverHttp(cancel);
        await CheckFilled(cancel);
    }

    private async Task InProcess(CancellationToken cancel)
    {
        var silos = new List<Ledger>();
        try
        {
            for (var i = 0; i < options.Silos; i++)
                silos.Add(await Ledger.Start(new LedgerOptions(database.ConnectionString) { Cluster = Cluster }));
            using var sizes = new BatchSizes();
            await Series(
                (CommandsCommand.Spread, CommandsCommand.Hot),
                callers => Task.FromResult<ITrader[]>(
                    [.. Enumerable.Range(0, callers).Select(i => new LedgerTrader(silos[i % silos.Count]))]),
                sizes,
                cancel);
        }
        finally
        {
            // One that stayed would keep the database from being dropped, and that would be told instead of the cause.
            foreach (var silo in silos)
                await silo.DisposeAsync();
        }
    }

    private ClusterSettings? Cluster => options.Silos > 1 ? new ClusterSettings("bench") : null;

    private async Task Sealing(CancellationToken cancel)
    {
        await using var sealing = await SealingRuns.Create(database, options.Duration, cancel);
        var (with, without) = (new LedgerTrader(sealing.Sealed), new LedgerTrader(sealing.Unsealed));
        var portfolios = await Open([.. Enumerable.Repeat(with, WarmUpCallers)], "sealed", cancel);
        var others = await Open([.. Enumerable.Repeat(without, WarmUpCallers)], "unsealed", cancel);
        await new Load(portfolios, options.WarmUp).Run([.. Enumerable.Repeat(with, WarmUpCallers)], cancel);
        await new Load(others, options.WarmUp).Run([.. Enumerable.Repeat(without, WarmUpCallers)], cancel);
        foreach (var callers in options.Callers)
        {
            var (sealedRuns, unsealedRuns) = (new List<Measured>(), new List<Measured>());
            for (var i = 0; i < options.Runs; i++)
            {
                // Each goes first every other time, so that neither always meets what the other left to be written.
                if (i % 2 == 0)
                    unsealedRuns.Add(await Run(others, without));
                sealedRuns.Add(await sealing.WithAnchors(() => Run(portfolios, with), cancel));
                if (i % 2 == 1)
                    unsealedRuns.Add(await Run(others, without));
            }
            report.Results.Add(new Result("sealed", callers, sealedRuns, null));
            report.Results.Add(new Result("unsealed", callers, unsealedRuns, null));
            report.SealingCosts.Add(new SealingCost(callers, sealedRuns, unsealedRuns));

            Task<Measured> Run(int[] among, LedgerTrader trader) =>
                new Load(among, options.Duration).Run([.. Enumerable.Repeat(trader, callers)], cancel);
        }
        await Measure(cancel);
    }

    private async Task InMarten(CancellationToken cancel)
    {
        await using var plain = PlainStore.Open(database.ConnectionString, SnapshotLifecycle.Inline);
        var trader = new MartenTrader(plain);
        await Series(
            (CommandsCommand.Marten, null),
            callers => Task.FromResult<ITrader[]>([.. Enumerable.Repeat(trader, callers)]),
            null,
            cancel);
        var bytes = await database.Scalar<decimal>(
            $"SELECT avg(pg_column_size(e.*)) FROM {PlainStore.Schema}.mt_events e", cancel);
        report.Marten = string.Create(
            CultureInfo.InvariantCulture,
            $"marten: {plain.Description}, {bytes:0} bytes an event; "
            + $"{trader.Repeats:N0} commands were begun anew, because another had written to the portfolio");
        await CheckNone(
            $"SELECT count(*) FROM {PlainStore.Schema}.mt_doc_portfolio WHERE data -> 'Orders' <> '{{}}'", cancel);
    }

    private async Task OverHttp(CancellationToken cancel)
    {
        await using var own = options.Servers.Length == 0
            ? await ServerProcess.Start(database.ConnectionString, cancel)
            : null;
        var servers = own is null ? options.Servers : [own.Url];
        await Series(
            (CommandsCommand.HttpSpread, CommandsCommand.HttpHot), callers => Connect(servers, callers), null, cancel);
    }

    private static async Task<ITrader[]> Connect(Uri[] servers, int callers)
    {
        var traders = new ITrader[callers];
        for (var i = 0; i < callers; i++)
            traders[i] = new HttpTrader(await HttpConnection.Open(servers[i % servers.Length]));
        return traders;
    }

    private async Task Series(
        (string Spread, string? Hot) names,
        Func<int, Task<ITrader[]>> connect,
        BatchSizes? sizes,
        CancellationToken cancel)
    {
        var warm = await connect(WarmUpCallers);
        var portfolios = await Open(warm, names.Spread, cancel);
        await new Load(portfolios, options.WarmUp).Run(warm, cancel);
        await Leave(warm);
        foreach (var (name, among) in new[] { (names.Spread, portfolios), (names.Hot ?? "", portfolios[..1]) })
        {
            if (!options.Scenarios.Contains(name))
                continue;
            foreach (var callers in options.Callers)
            {
                var traders = await connect(callers);
                sizes?.Take();
                var runs = new List<Measured>();
                for (var i = 0; i < options.Runs; i++)
                    runs.Add(await new Load(among, options.Duration).Run(traders, cancel));
                report.Results.Add(new Result(name, callers, runs, sizes?.Take()));
                await Leave(traders);
                cancel.ThrowIfCancellationRequested();
            }
            // After each series, so that what else the machine does meets results and yardsticks alike.
            await Measure(cancel);
        }
    }

    private async Task<int[]> Open(ITrader[] traders, string prefix, CancellationToken cancel)
    {
        var portfolios = new int[options.Portfolios];
        // A running server has those of the runs before, and names are taken once.
        var run = Guid.NewGuid();
        await Task.WhenAll(traders.Select(async (trader, first) =>
        {
            for (var i = first; i < portfolios.Length && !cancel.IsCancellationRequested; i += traders.Length)
                portfolios[i] = await trader.OpenPortfolio($"{prefix} {i} {run}");
        }));
        return portfolios;
    }

    private static async Task Leave(ITrader[] traders)
    {
        foreach (var trader in traders)
            await trader.DisposeAsync();
    }

    private async Task Measure(CancellationToken cancel)
    {
        report.Bytes = await EventBytes.Measure(database, cancel);
        await report.Yardsticks.Measure(database, options.YardstickSeconds, report.Bytes.PerCommand, cancel);
    }

    // Every caller finishes its round, so an order that is not filled is one that went wrong.
    private Task CheckFilled(CancellationToken cancel) =>
        CheckNone("SELECT count(*) FROM \"order\" WHERE status <> 'FILLED'", cancel);

    private async Task CheckNone(string unfilledOrders, CancellationToken cancel)
    {
        var unfilled = await database.Scalar<long>(unfilledOrders, cancel);
        if (unfilled > 0)
            throw new InvalidOperationException($"{unfilled} orders were refused or not filled.");
    }
}

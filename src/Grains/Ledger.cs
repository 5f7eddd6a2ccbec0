using System.Collections.Concurrent;
using System.Diagnostics;
using Bifrost.Domain;
using Bifrost.Domain.Portfolios;
using Bifrost.Replay.TimeTravel;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Orleans.Runtime;

namespace Bifrost.Grains;

/// <summary>
/// The ledger's front door: takes a command to its portfolio's grain, wherever in the cluster that is, and answers once
/// it is durable.
/// </summary>
public sealed class Ledger : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, Task> underWay = new();
    private readonly IGrainFactory grains;
    private readonly Lazy<(GrainType Type, GrainInterfaceType Interface)> portfolios;
    private readonly GrainContext context;
    private readonly TimeSpan patience;
    private IHost? host;

    internal Ledger(IGrainFactory grains, GrainContext context, TimeSpan patience)
    {
        (this.grains, this.context, this.patience) = (grains, context, patience);
        portfolios = new(() => TypesOf(grains.GetGrain<IPortfolioGrain>(0)));
    }

    /// <summary>A ledger with a silo and connections of its own, for programs that are no server.</summary>
    public static async Task<Ledger> Start(
        LedgerOptions options, TimeProvider? clock = null, ILogger<Ledger>? logger = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddSingleton(_ => LedgerConnections.Readers(options.Database));
        builder.Services.AddSingleton(clock ?? TimeProvider.System);
        builder.Services.AddSingleton(logger ?? NullLogger<Ledger>.Instance);
        builder.UseOrleans(silo => LedgerSilo.Add(silo, options));
        var host = builder.Build();
        await host.StartAsync();
        var ledger = host.Services.GetRequiredService<Ledger>();
        ledger.host = host;
        return ledger;
    }

    /// <summary>
    /// Raised with the last sequence of each batch that this process has committed, before its callers are answered and
    /// by the lane that committed it: whoever waits there holds up commits, and an exception would end the lane.
    /// </summary>
    public event Action<long>? Committed
    {
        add => context.Commits.Committed += value;
        remove => context.Commits.Committed -= value;
    }

    /// <summary>How the commits of this process go.</summary>
    public CommitProgress Commits => context.Commits.Progress;

    /// <summary>Portfolios that are active in this process.</summary>
    public int ActiveGrains => context.Active;

    /// <summary>Portfolios whose history this build cannot fold, and why; of those that are active here.</summary>
    public IReadOnlyDictionary<int, string> StoppedPortfolios => context.StoppedPortfolios;

    /// <summary>An id for a portfolio that is to be opened.</summary>
    public int NextPortfolioId() => context.Ids.Next(IdKind.Portfolio);

    /// <returns>The answer, when it is durable; a refusal is an answer.</returns>
    /// <exception cref="LedgerUnavailableException">
    /// The database cannot be reached, or the portfolio's node did not answer in time.
    /// </exception>
    /// <exception cref="PortfolioStoppedException">The portfolio's history needs a repair.</exception>
    public async Task<Answer> Execute(CommandRequest request)
    {
        var mine = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var keys = request.Identity.Keys;
        // Equal commands at the same moment: one goes first, the others find its receipt.
        foreach (var key in keys)
        {
            while (!underWay.TryAdd(key.Value, mine.Task))
            {
                request = request with { MayBeRepeat = true };
                if (underWay.TryGetValue(key.Value, out var first))
                    await first;
            }
        }
        try
        {
            return await Ask(request);
        }
        finally
        {
            foreach (var key in keys)
                underWay.TryRemove(KeyValuePair.Create(key.Value, mine.Task));
            mine.SetResult();
        }
    }

    /// <summary>The portfolio of an order that works and is active in this process; null for all others.</summary>
    public int? ActiveHomeOf(int orderId) => context.OrderHomes.TryGetValue(orderId, out var home) ? home : null;

    /// <summary>The portfolio that an order belongs to; null where there is no such order.</summary>
    public async Task<int?> PortfolioOf(int orderId, CancellationToken cancel = default)
    {
        if (ActiveHomeOf(orderId) is { } home)
            return home;
        const string Sql = "SELECT portfolio_id FROM \"order\" WHERE order_id = $1";
        await using var command = context.Database.CreateCommand(Sql);
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = orderId });
        return (int?)await command.ExecuteScalarAsync(cancel);
    }

    /// <summary>Whether a command with this key has been answered, and the answer is kept.</summary>
    public async Task<bool> HasAnswered(CommandKey key, CancellationToken cancel = default)
    {
        const string Sql = "SELECT EXISTS (SELECT FROM ledger.command_receipt WHERE key = $1)";
        await using var command = context.Database.CreateCommand(Sql);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = key.Value });
        return (bool)(await command.ExecuteScalarAsync(cancel))!;
    }

    /// <summary>The portfolio's state as of <paramref name="version"/> or later; null where there is none.</summary>
    public async Task<Portfolio?> Read(int portfolioId, long version)
    {
        if (context.StateOf(portfolioId) is { } known && known.Version >= version)
            return known;
        return (await new Travel(context.Database).Read(portfolioId, Moment.Now))?.State;
    }

    /// <summary>Ends a ledger that was started by itself, after what is under way; a server ends its own.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref host, null) is not { } own)
            return;
        await own.StopAsync();
        await ((IAsyncDisposable)own).DisposeAsync();
    }

    // Orleans looks up by reflection, for each reference, what is the same for all portfolios.
    private IPortfolioGrain GrainOf(int portfolioId) => (IPortfolioGrain)grains.GetGrain(
        GrainId.Create(portfolios.Value.Type, GrainIdKeyExtensions.CreateIntegerKey(portfolioId)),
        portfolios.Value.Interface);

    private static (GrainType Type, GrainInterfaceType Interface) TypesOf(IAddressable grain) =>
        (grain.GetGrainId().Type, ((GrainReference)grain).InterfaceType);

    // A portfolio that this node has is reached without Orleans, whose queues cost two changes of thread a command.
    // A node that dies, or is about to leave, may have applied the command: it is asked for again, of whichever node
    // has the portfolio then, and that one looks for the receipt first.
    private async Task<Answer> Ask(CommandRequest request)
    {
        var since = Stopwatch.GetTimestamp();
        for (var wait = TimeSpan.FromMilliseconds(25); ; wait = wait < TimeSpan.FromSeconds(1) ? wait * 2 : wait)
        {
            try
            {
                return await (context.WriterOf(request.PortfolioId)?.TryExecute(request)
                    ?? GrainOf(request.PortfolioId).Execute(request).AsTask());
            }
            catch (OrleansException) when (Stopwatch.GetElapsedTime(since) < patience)
            {
                Telemetry.AskedAgain.Add(1);
                request = request with { MayBeRepeat = true };
                await Task.Delay(wait);
            }
            catch (Exception failure) when (failure is OrleansException or TimeoutException)
            {
                context.Logger.LogWarning(failure, "Portfolio {PortfolioId}: no node answered", request.PortfolioId);
                throw new LedgerUnavailableException(outcomeUnknown: true);
            }
        }
    }
}

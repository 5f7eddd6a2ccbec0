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

/// <summary>Where an order belongs, and what of it never changes.</summary>
public readonly record struct OrderHome(int PortfolioId, string Symbol, OrderSide Side);

/// <summary>What an external id is of: a fill, with its order where it has one, or funding.</summary>
public sealed record KnownFact(string? Symbol, int? OrderId, int? FundingId)
{
    // A fill without an order has its symbol in the latest event of a holding up to the one that the receipt names.
    internal const string Sql =
        """
        SELECT (SELECT e.data ->> 'symbol'
                FROM ledger.portfolio_event p JOIN events.mt_events e ON e.seq_id = p.seq_id
                WHERE p.portfolio_id = r.portfolio_id AND p.version <= r.portfolio_version
                    AND e.type IN ('lot_opened', 'lots_matched', 'holding_restated')
                ORDER BY p.version DESC LIMIT 1),
               (r.answer::jsonb #>> '{effect,orderId}')::integer, (r.answer::jsonb #>> '{effect,fundingId}')::integer
        FROM ledger.command_receipt r WHERE r.key = $1
        """;
}

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

    /// <summary>Where an order belongs that works and is active in this process; null for all others.</summary>
    public OrderHome? ActiveHomeOf(int orderId) => context.OrderHomes.TryGetValue(orderId, out var home) ? home : null;

    /// <summary>Where an order belongs; null where there is no such order.</summary>
    public async Task<OrderHome?> HomeOf(int orderId, CancellationToken cancel = default)
    {
        if (ActiveHomeOf(orderId) is { } home)
            return home;
        const string Sql = "SELECT portfolio_id, symbol, side FROM \"order\" WHERE order_id = $1";
        await using var command = context.Database.CreateCommand(Sql);
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = orderId });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        return await reader.ReadAsync(cancel)
            ? new OrderHome(reader.GetInt32(0), reader.GetString(1), Enum.Parse<OrderSide>(reader.GetString(2)))
            : null;
    }

    /// <summary>What was booked under an external id of a portfolio, or under that of an amendment of it.</summary>
    /// <param name="key">The id as the key of the commands that report it.</param>
    public async Task<KnownFact?> FactOf(CommandKey key, CancellationToken cancel = default)
    {
        await using var command = context.Database.CreateCommand(KnownFact.Sql);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = key.Value });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        return await reader.ReadAsync(cancel)
            ? new KnownFact(
                reader.IsDBNull(0) ? null : reader.GetString(0),
                reader.IsDBNull(1) ? null : reader.GetInt32(1),
                reader.IsDBNull(2) ? null : reader.GetInt32(2))
            : null;
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

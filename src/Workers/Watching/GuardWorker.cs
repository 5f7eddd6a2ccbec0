using System.Diagnostics;
using System.Diagnostics.Metrics;
using Bifrost.EventStore;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Bifrost.Workers.Watching;

/// <summary>Has an eye on who else is in the database, as its owner.</summary>
/// <remarks>
/// Once a second it ends sessions of modules that are in the way (<see cref="DatabaseGuard"/>); once a minute it takes
/// back what their roles have set for themselves, and passwords that they have changed.
/// </remarks>
public sealed class GuardWorker : RepeatedWork, IWatched
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan BetweenRoles = TimeSpan.FromMinutes(1);

    // For so long what was done is said, so that whoever asks now and then hears of it.
    private static readonly TimeSpan Said = TimeSpan.FromMinutes(5);

    private readonly Meter meter = new(StallWatch.MeterName);
    private readonly Counter<long> ended;
    private readonly string database;
    private readonly NpgsqlDataSource owner;
    private readonly DatabaseGuard guard;
    private readonly ILogger<GuardWorker> logger;
    private IReadOnlyList<InTheWay> left = [];
    private string? done;
    private long doneAt;
    private long rolesAt;

    /// <param name="database">An Npgsql connection string of the database's owner.</param>
    public GuardWorker(string database, WatchLimits limits, ILogger<GuardWorker> logger)
        : base(logger)
    {
        (this.database, this.logger) = (database, logger);
        owner = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(database)
        {
            ApplicationName = "bifrost guard", MinPoolSize = 1, MaxPoolSize = 2, CommandTimeout = 10,
        });
        guard = new DatabaseGuard(owner, limits);
        ended = meter.CreateCounter<long>(
            "bifrost.database.sessions_ended", "{session}", "Sessions of modules that were in the way, and were ended");
    }

    protected override string Name => "The guard of the database";

    public Condition Look()
    {
        var waiting = Volatile.Read(ref left);
        var problem = waiting.Count > 0
            ? $"Not ended, because it is no module's: {string.Join("; ", waiting)}."
            : done is not null && Stopwatch.GetElapsedTime(doneAt) < Said ? done : null;
        return new Condition("sessions", TimeSpan.Zero, problem) { Level = LogLevel.Critical };
    }

    public override void Dispose()
    {
        base.Dispose();
        meter.Dispose();
        owner.Dispose();
    }

    protected override async Task Turn(CancellationToken cancel)
    {
        foreach (var session in await LookOnce(cancel))
        {
            ended.Add(1, new KeyValuePair<string, object?>("role", session.Role));
            Tell($"Ended: {session}.");
        }
        if (rolesAt == 0 || Stopwatch.GetElapsedTime(rolesAt) > BetweenRoles)
        {
            foreach (var setting in await DatabaseDoors.PutSettingsBack(owner, cancel))
                Tell($"A role had set something for itself, which was taken back: {setting}.");
            await RolePasswords.Provide(database, cancel);
            rolesAt = Stopwatch.GetTimestamp();
        }
        await Task.Delay(Period, cancel);
    }

    private async Task<IEnumerable<InTheWay>> LookOnce(CancellationToken cancel)
    {
        var found = await guard.Look(cancel);
        Volatile.Write(ref left, [.. found.Where(session => !session.MayEnd)]);
        return found.Where(session => session.MayEnd);
    }

    private void Tell(string what)
    {
        logger.LogCritical("{Done}", what);
        (done, doneAt) = (what, Stopwatch.GetTimestamp());
    }
}

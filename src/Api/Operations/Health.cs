using System.Runtime.ExceptionServices;
using System.Security.Claims;
using Bifrost.Api.Access;
using Bifrost.Grains;
using Bifrost.Replay.Verifying;
using Bifrost.Workers.Anchors;
using Bifrost.Workers.Checking;
using Bifrost.Workers.Watching;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Orleans.Runtime;

namespace Bifrost.Api.Operations;

public sealed record Liveness(string Status);

/// <summary>Whether the server can do its work, and what it found.</summary>
/// <param name="Bars">What keeps the bars, and who rolls them up and drops old ones.</param>
/// <param name="Redis">connected or unreachable; null where there is none. The ledger works without it.</param>
/// <param name="StoppedPortfolios">Portfolios whose history this build cannot fold, and why.</param>
public sealed record Readiness(
    string Status,
    string Database,
    string? TimescaleDb,
    string Bars,
    string? Redis,
    int ActiveGrains,
    IReadOnlyDictionary<string, string> StoppedPortfolios)
{
    /// <summary>What the continuous check of the tables has come to.</summary>
    public required CheckView Verification { get; init; }

    /// <summary>What the signing of anchors has come to.</summary>
    public required AnchoringView Anchoring { get; init; }

    /// <summary>Each check by its name, and whether it is healthy, degraded or unhealthy.</summary>
    public IReadOnlyDictionary<string, string> Checks { get; init; } = new Dictionary<string, string>();

    /// <summary>What may stand still or fall behind, by its name; docs/operations.md says what to do of each.</summary>
    public IReadOnlyDictionary<string, ConditionView> Conditions { get; init; } =
        new Dictionary<string, ConditionView>();

    /// <summary>The nodes that are one ledger; null for a server by itself.</summary>
    public ClusterView? Cluster { get; init; }

    private const string Hidden = "The log has the reason.";

    /// <summary>As it is told to those who may not see the ledger: how it is, and nothing that is in it.</summary>
    public Readiness WithoutDetails() => this with
    {
        StoppedPortfolios = new Dictionary<string, string>(),
        Verification = Verification with { First = [] },
        Anchoring = Anchoring with { Problem = Anchoring.Problem is null ? null : Hidden },
        Conditions = Conditions.ToDictionary(
            c => c.Key, c => c.Value with { Problem = c.Value.Problem is null ? null : Hidden }),
        Cluster = Cluster is null ? null : Cluster with { Node = "", Others = [] },
    };
}

/// <summary>How this node sees its cluster.</summary>
/// <param name="Node">The address that the other nodes know it by.</param>
/// <param name="Others">The addresses of those that live.</param>
public sealed record ClusterView(string Name, string Node, IReadOnlyList<string> Others)
{
    internal static ClusterView? Of(IServiceProvider services)
    {
        if (services.GetRequiredService<ServerOptions>().Cluster is not { } cluster)
            return null;
        var silos = services.GetRequiredService<ISiloStatusOracle>();
        var others = silos.GetApproximateSiloStatuses(onlyActive: true).Keys.Where(silo => silo != silos.SiloAddress);
        return new ClusterView(
            cluster.Name, $"{silos.SiloAddress.Endpoint}", [.. others.Select(silo => $"{silo.Endpoint}").Order()]);
    }
}

/// <summary>How something that may stand still or fall behind is.</summary>
/// <param name="AgeSeconds">How long what of it waits, or is behind, has done so.</param>
/// <param name="Problem">What is wrong; null where nothing is.</param>
public sealed record ConditionView(double AgeSeconds, string? Problem)
{
    internal static ConditionView Of(Condition condition) =>
        new(Math.Round(condition.Age.TotalSeconds, 3), condition.Problem);
}

/// <summary>What the signing of anchors has come to.</summary>
/// <param name="Sequence">The last event that an anchor attests; 0 before the first.</param>
/// <param name="At">When that anchor was signed.</param>
/// <param name="Problem">Why no more is anchored; null where nothing is wrong.</param>
public sealed record AnchoringView(long Sequence, string? At, string? Problem)
{
    public static AnchoringView Of(AnchorState state) =>
        new(state.Latest?.Sequence ?? 0, state.Latest?.At, state.Problem);
}

/// <summary>What the continuous check of the tables has come to.</summary>
/// <param name="VerifiedThrough">Every table was what the log folds to through this sequence.</param>
/// <param name="PassedAt">When all portfolios had been looked at for the last time; null before the first.</param>
/// <param name="Differences">How many values are not what the log says.</param>
/// <param name="First">The first of them.</param>
public sealed record CheckView(
    long VerifiedThrough, DateTimeOffset? PassedAt, int Differences, IReadOnlyList<DifferenceView> First)
{
    private const int MostShown = 20;

    public static CheckView Of(ProjectionCheck check)
    {
        var differences = check.Differences;
        return new CheckView(
            check.VerifiedThrough,
            check.PassedAt,
            differences.Count,
            [.. differences.Take(MostShown).Select(DifferenceView.Of)]);
    }
}

/// <summary>A value of a table, and what the log says it should be.</summary>
public sealed record DifferenceView(string Table, long Key, string Column, string Live, string Replayed)
{
    public static DifferenceView Of(Difference d) => new(d.Table, d.Key, d.Column, d.Live, d.Replayed);
}

internal static class HealthRoutes
{
    private const string Healthy = "healthy";

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/health/live", () => TypedResults.Ok(new Liveness("live")))
            .OpenTo(AccessRule.Everybody)
            .WithName("Live").WithTags("Operations").WithSummary("The process answers");
        routes.MapGet("/health/ready", Ready)
            .OpenTo(AccessRule.Everybody)
            .WithName("Ready").WithTags("Operations").WithSummary("The ledger can take commands").ProducesProblem(503);
    }

    private static async Task<Ok<Readiness>> Ready(
        HealthCheckService checks,
        IEnumerable<IWatched> watched,
        Ledger ledger,
        HttpContext http,
        CancellationToken cancel)
    {
        var report = await checks.CheckHealthAsync(cancel);
        // Told as on every other route.
        if (report.Entries.Values.FirstOrDefault(entry => entry.Exception is not null).Exception is { } failure)
            ExceptionDispatchInfo.Throw(failure);
        var database = report.Of<DatabaseView>(DatabaseHealth.Name);
        var conditions = watched.Select(w => w.Look()).ToDictionary(condition => condition.Name);
        var anchoring = report.Of<AnchoringView>(AnchoringHealth.Name);
        var states = States(report, conditions.Values);
        var readiness = new Readiness(
            states.Values.All(state => state == Healthy) ? "ready" : "degraded",
            database.Version,
            database.TimescaleDb,
            database.Bars,
            report.Find<string>(RedisHealth.Name),
            ledger.ActiveGrains,
            report.Of<Dictionary<string, string>>(PortfoliosHealth.Name))
        {
            Verification = report.Of<CheckView>(VerificationHealth.Name),
            Anchoring = anchoring with { Problem = anchoring.Problem ?? conditions[AnchoringHealth.Name].Problem },
            Conditions = conditions.ToDictionary(c => c.Key, c => ConditionView.Of(c.Value)),
            Cluster = ClusterView.Of(http.RequestServices),
            Checks = states,
        };
        return TypedResults.Ok(SeesAll(http.User) ? readiness : readiness.WithoutDetails());
    }

    // What stands still for one node does so for the others too, so no node is taken out for it; it is said.
    private static SortedDictionary<string, string> States(HealthReport report, IEnumerable<Condition> conditions)
    {
        var states = new SortedDictionary<string, string>(
            report.Entries.ToDictionary(entry => entry.Key, entry => Word(entry.Value.Status)),
            StringComparer.Ordinal);
        foreach (var condition in conditions)
        {
            if (condition.Problem is not null)
                states[condition.Name] = Word(HealthStatus.Degraded);
            else
                states.TryAdd(condition.Name, Healthy);
        }
        return states;
    }

    private static string Word(HealthStatus status) => status switch
    {
        HealthStatus.Healthy => Healthy,
        HealthStatus.Degraded => "degraded",
        _ => "unhealthy",
    };

    private static bool SeesAll(ClaimsPrincipal user) => user is Caller { Role: Roles.Operator or Roles.Auditor };
}

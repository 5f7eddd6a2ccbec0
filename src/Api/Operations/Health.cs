using System.Security.Claims;
using Bifrost.Api.Access;
using Bifrost.Grains;
using Bifrost.MarketData.Prices;
using Bifrost.MarketData.Storage;
using Bifrost.Replay.Verifying;
using Bifrost.Workers.Anchors;
using Bifrost.Workers.Checking;
using Dapper;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Npgsql;
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

    /// <summary>The nodes that are one ledger; null for a server by itself.</summary>
    public ClusterView? Cluster { get; init; }

    /// <summary>As it is told to those who may not see the ledger: how it is, and nothing that is in it.</summary>
    public Readiness WithoutDetails() => this with
    {
        StoppedPortfolios = new Dictionary<string, string>(),
        Verification = Verification with { First = [] },
        Anchoring = Anchoring with { Problem = Anchoring.Problem is null ? null : "The log has the reason." },
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
    private const string Sql =
        """
        SELECT current_setting('server_version') AS version,
               (SELECT extversion FROM pg_extension WHERE extname = 'timescaledb') AS timescaledb
        """;

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
        NpgsqlDataSource database,
        Ledger ledger,
        ProjectionCheck check,
        AnchorState anchors,
        HttpContext http,
        [FromServices] RedisConnection? redis,
        CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        var (version, timescale) = await connection.QuerySingleAsync<(string, string?)>(Sql);
        var stopped = ledger.StoppedPortfolios.ToDictionary(
            portfolio => portfolio.Key.ToString(System.Globalization.CultureInfo.InvariantCulture), p => p.Value);
        // Once, because a pass may end meanwhile.
        var verification = CheckView.Of(check);
        var readiness = new Readiness(
            stopped.Count == 0 && verification.Differences == 0 && anchors.Problem is null ? "ready" : "degraded",
            $"PostgreSQL {version}",
            timescale,
            (await BarStorage.Find(database, cancel)).Description,
            redis is null ? null : await redis.Answers(cancel) ? "connected" : "unreachable",
            ledger.ActiveGrains,
            stopped)
        {
            Verification = verification,
            Anchoring = AnchoringView.Of(anchors),
            Cluster = ClusterView.Of(http.RequestServices),
        };
        return TypedResults.Ok(SeesAll(http.User) ? readiness : readiness.WithoutDetails());
    }

    private static bool SeesAll(ClaimsPrincipal user) => user is Caller { Role: Roles.Operator or Roles.Auditor };
}

using Bifrost.Grains;
using Bifrost.MarketData.Prices;
using Dapper;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Npgsql;

namespace Bifrost.Api.Operations;

public sealed record Liveness(string Status);

/// <summary>Whether the server can do its work, and what it found.</summary>
/// <param name="Redis">connected or unreachable; null where there is none. The ledger works without it.</param>
/// <param name="StoppedPortfolios">Portfolios whose history this build cannot fold, and why.</param>
public sealed record Readiness(
    string Status,
    string Database,
    string? TimescaleDb,
    string? Redis,
    int ActiveGrains,
    IReadOnlyDictionary<string, string> StoppedPortfolios);

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
            .WithName("Live").WithTags("Operations").WithSummary("The process answers");
        routes.MapGet("/health/ready", Ready)
            .WithName("Ready").WithTags("Operations").WithSummary("The ledger can take commands").ProducesProblem(503);
    }

    private static async Task<Ok<Readiness>> Ready(
        NpgsqlDataSource database, Ledger ledger, [FromServices] RedisConnection? redis, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        var (version, timescale) = await connection.QuerySingleAsync<(string, string?)>(Sql);
        var stopped = ledger.StoppedPortfolios.ToDictionary(
            portfolio => portfolio.Key.ToString(System.Globalization.CultureInfo.InvariantCulture), p => p.Value);
        return TypedResults.Ok(new Readiness(
            stopped.Count == 0 ? "ready" : "degraded",
            $"PostgreSQL {version}",
            timescale,
            redis is null ? null : await redis.Answers(cancel) ? "connected" : "unreachable",
            ledger.ActiveGrains,
            stopped));
    }
}

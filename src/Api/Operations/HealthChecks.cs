using System.Globalization;
using Bifrost.Grains;
using Bifrost.MarketData.Prices;
using Bifrost.MarketData.Storage;
using Bifrost.Workers.Anchors;
using Bifrost.Workers.Checking;
using Dapper;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;

namespace Bifrost.Api.Operations;

/// <summary>What readiness is made of: each check tells how it is, and what it found.</summary>
internal static class HealthChecks
{
    private const string Key = "found";

    public static void Add(IServiceCollection services, ServerOptions options)
    {
        var checks = services.AddHealthChecks()
            .AddCheck<DatabaseHealth>(DatabaseHealth.Name)
            .AddCheck<PortfoliosHealth>(PortfoliosHealth.Name)
            .AddCheck<VerificationHealth>(VerificationHealth.Name)
            .AddCheck<AnchoringHealth>(AnchoringHealth.Name);
        if (options.Redis is not null)
            checks.AddCheck<RedisHealth>(RedisHealth.Name);
    }

    public static HealthCheckResult Found(object found, bool isWell = true) => new(
        isWell ? HealthStatus.Healthy : HealthStatus.Degraded,
        data: new Dictionary<string, object> { [Key] = found });

    public static T Of<T>(this HealthReport report, string check) => (T)report.Entries[check].Data[Key];

    public static T? Find<T>(this HealthReport report, string check)
        where T : class => report.Entries.ContainsKey(check) ? report.Of<T>(check) : null;
}

/// <param name="Bars">What keeps the bars, and who rolls them up and drops old ones.</param>
internal sealed record DatabaseView(string Version, string? TimescaleDb, string Bars);

internal sealed class DatabaseHealth(NpgsqlDataSource database) : IHealthCheck
{
    public const string Name = "database";

    private const string Sql =
        """
        SELECT current_setting('server_version') AS version,
               (SELECT extversion FROM pg_extension WHERE extname = 'timescaledb') AS timescaledb
        """;

    public async Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        var (version, timescale) = await connection.QuerySingleAsync<(string, string?)>(Sql);
        var bars = await BarStorage.Find(database, cancellationToken);
        return HealthChecks.Found(new DatabaseView($"PostgreSQL {version}", timescale, bars.Description));
    }
}

/// <summary>No portfolio is stopped by its history.</summary>
internal sealed class PortfoliosHealth(Ledger ledger) : IHealthCheck
{
    public const string Name = "portfolios";

    public Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var stopped = ledger.StoppedPortfolios.ToDictionary(
            portfolio => portfolio.Key.ToString(CultureInfo.InvariantCulture), portfolio => portfolio.Value);
        return Task.FromResult(HealthChecks.Found(stopped, stopped.Count == 0));
    }
}

/// <summary>The tables are what the log folds to.</summary>
internal sealed class VerificationHealth(ProjectionCheck check) : IHealthCheck
{
    public const string Name = "verification";

    public Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var found = CheckView.Of(check);
        return Task.FromResult(HealthChecks.Found(found, found.Differences == 0));
    }
}

internal sealed class AnchoringHealth(AnchorState anchors) : IHealthCheck
{
    public const string Name = "anchoring";

    public Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var found = AnchoringView.Of(anchors);
        return Task.FromResult(HealthChecks.Found(found, found.Problem is null));
    }
}

/// <summary>Told and no more: the ledger works without it.</summary>
internal sealed class RedisHealth(RedisConnection redis) : IHealthCheck
{
    public const string Name = "redis";

    public async Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context, CancellationToken cancellationToken = default) =>
        HealthChecks.Found(await redis.Answers(cancellationToken) ? "connected" : "unreachable");
}

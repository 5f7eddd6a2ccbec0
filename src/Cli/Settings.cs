using Bifrost.Audit.Anchors;
using Bifrost.MarketData.Prices;

namespace Bifrost.Cli;

/// <summary>What the entry script tells by environment variables.</summary>
internal static class Settings
{
    /// <summary>An Npgsql connection string of the database's owner.</summary>
    /// <exception cref="OperatorException">It is not set.</exception>
    public static string Database => Environment.GetEnvironmentVariable("BIFROST_DATABASE") is { Length: > 0 } database
        ? database
        : throw new OperatorException(
            "BIFROST_DATABASE is not set. Start through ./bifrost, which provides a database, or set it to an Npgsql "
            + "connection string such as Host=127.0.0.1;Database=bifrost;Username=bifrost;Password=…");

    /// <summary>host:port of a Redis server; null where there is none.</summary>
    /// <exception cref="OperatorException">It names no server.</exception>
    public static string? Redis => Environment.GetEnvironmentVariable("BIFROST_REDIS") switch
    {
        null or "" => null,
        var redis when RedisConnection.IsServer(redis) => redis,
        _ => throw new OperatorException("BIFROST_REDIS has to be host:port, such as 127.0.0.1:6379."),
    };

    /// <summary>Where anchors are kept, beside the state of the private server.</summary>
    public static AuditOptions Audit => new(
        Path.Combine(Variable("BIFROST_HOME") ?? ".bifrost", "audit"), Variable("BIFROST_ANCHOR_KEY"));

    private static string? Variable(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;

    public static int Port =>
        int.TryParse(Environment.GetEnvironmentVariable("BIFROST_PORT"), out var port) ? port : 8000;
}

/// <summary>Something that the operator can put right; said in one sentence, without a stack trace.</summary>
internal sealed class OperatorException(string message) : Exception(message);

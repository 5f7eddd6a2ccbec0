using System.Globalization;
using System.Net;
using Bifrost.Api.Access;
using Bifrost.Audit.Anchors;
using Bifrost.Grains;
using Bifrost.MarketData.Files;
using Bifrost.MarketData.Prices;
using Bifrost.Webhooks;
using Bifrost.Workers.Watching;

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
    /// <exception cref="OperatorException">It cannot be understood.</exception>
    public static AuditOptions Audit => new(
        Path.Combine(Variable("BIFROST_HOME") ?? ".bifrost", "audit"), Variable("BIFROST_ANCHOR_KEY"))
    {
        CoSigners = AnchorSettings.CoSigners(Variable("BIFROST_ANCHOR_COSIGNERS")),
        Hooks = AnchorSettings.Hooks(Variable("BIFROST_ANCHOR_HOOKS")),
        HooksEvery = AnchorSettings.HooksEvery(Variable("BIFROST_ANCHOR_HOOKS_EVERY")),
    };

    /// <summary>How nodes of a cluster find and reach each other.</summary>
    /// <param name="name">The cluster's name; null for a server by itself.</param>
    /// <exception cref="OperatorException">What is set cannot be understood.</exception>
    public static ClusterSettings? Cluster(string? name)
    {
        if (name is null)
            return null;
        var (address, port) = (Variable("BIFROST_CLUSTER_ADDRESS"), Variable("BIFROST_CLUSTER_PORT"));
        var (certificate, redis) = (Variable("BIFROST_CLUSTER_CERTIFICATE"), Variable("BIFROST_CLUSTER_REDIS"));
        if (certificate is not null && !File.Exists(certificate))
            throw new OperatorException($"BIFROST_CLUSTER_CERTIFICATE names no file: '{certificate}'.");
        if (redis is not null && !RedisConnection.IsServer(redis))
            throw new OperatorException("BIFROST_CLUSTER_REDIS has to be host:port, such as 127.0.0.1:6379.");
        var place = IPAddress.Loopback;
        if (address is not null && !IPAddress.TryParse(address, out place))
            throw new OperatorException($"BIFROST_CLUSTER_ADDRESS has to be an IP address, not '{address}'.");
        var number = 0;
        if (port is not null && !(int.TryParse(port, out number) && number is > 0 and < 65_536))
            throw new OperatorException($"BIFROST_CLUSTER_PORT has to be a port number, not '{port}'.");
        return new ClusterSettings(name)
        {
            Address = place!,
            Port = number,
            Certificate = certificate,
            CertificatePassword = Variable("BIFROST_CLUSTER_CERTIFICATE_PASSWORD"),
            Redis = redis,
        };
    }

    /// <summary>Who is let in, and how much each may ask for.</summary>
    /// <exception cref="OperatorException">It cannot be understood, so nobody is let in by mistake.</exception>
    public static AccessOptions Access => new()
    {
        Issuer = Issuer,
        RateLimit = Variable("BIFROST_RATE_LIMIT") switch
        {
            null => new AccessOptions().RateLimit,
            var text when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var requests)
                && requests <= 1_000_000 => requests == 0 ? null : RateLimit.PerSecond(requests),
            _ => throw new OperatorException(
                "BIFROST_RATE_LIMIT is a number of requests a second, up to 1000000; 0 for no limit."),
        },
    };

    /// <summary>How much of one file or body of bars is read and kept.</summary>
    /// <exception cref="OperatorException">It cannot be understood.</exception>
    public static LoadLimits Loads => Variable("BIFROST_LOAD_LIMITS") is not { } text ? new LoadLimits()
        : LoadLimits.Parse(text) ?? throw new OperatorException(
            $"BIFROST_LOAD_LIMITS has any of these parts, such as {LoadLimits.Form}, not '{text}'.");

    /// <summary>How other programs are told of events.</summary>
    /// <exception cref="OperatorException">It cannot be understood.</exception>
    public static WebhookOptions Webhooks => new()
    {
        AllowsPrivate = Variable("BIFROST_WEBHOOKS_PRIVATE") switch
        {
            null or "refuse" => false,
            "allow" => true,
            var text => throw new OperatorException(
                $"BIFROST_WEBHOOKS_PRIVATE is allow or refuse, which is what it is without it, not '{text}'."),
        },
    };

    /// <summary>How long each thing may take before it is said that something is wrong.</summary>
    /// <exception cref="OperatorException">It cannot be understood.</exception>
    public static WatchLimits Limits
    {
        get
        {
            var limits = new WatchLimits();
            foreach (var entry in (Variable("BIFROST_LIMITS") ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries))
            {
                if (entry.Split('=') is not [var name, var text]
                    || !double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var n)
                    || n is <= 0 or > 100_000_000
                    || limits.With(name.Trim(), n) is not { } changed)
                {
                    throw new OperatorException(
                        $"BIFROST_LIMITS is NAME=SECONDS,… of {string.Join(", ", WatchLimits.Names)}, not '{entry}'.");
                }
                limits = changed;
            }
            return limits;
        }
    }

    /// <summary>What this program shows to the server that it calls; null for nothing.</summary>
    public static string? ApiKey => Variable("BIFROST_API_KEY");

    private static TokenIssuer? Issuer
    {
        get
        {
            var (issuer, audience) = (Variable("BIFROST_JWT_ISSUER"), Variable("BIFROST_JWT_AUDIENCE"));
            var keys = Variable("BIFROST_JWT_JWKS");
            var grantsAll = Variable("BIFROST_JWT_RIGHTS") switch
            {
                null or "role" => false,
                "all" => true,
                var text => throw new OperatorException(
                    $"BIFROST_JWT_RIGHTS is role, which is what it is without it, or all, not '{text}'."),
            };
            if (issuer is null && (audience ?? keys) is null)
                return null;
            var trusted = new TokenIssuer(issuer ?? "", audience ?? "", keys) { GrantsAll = grantsAll };
            return trusted.Problem is { } problem
                ? throw new OperatorException($"BIFROST_JWT_ISSUER, _AUDIENCE and _JWKS: {problem}")
                : trusted;
        }
    }

    private static string? Variable(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? text : null;

    public static int Port =>
        int.TryParse(Environment.GetEnvironmentVariable("BIFROST_PORT"), out var port) ? port : 8000;
}

/// <summary>Something that the operator can put right; said in one sentence, without a stack trace.</summary>
internal sealed class OperatorException(string message) : Exception(message);

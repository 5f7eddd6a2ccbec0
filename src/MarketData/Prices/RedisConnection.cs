using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Npgsql;
using StackExchange.Redis;

namespace Bifrost.MarketData.Prices;

/// <summary>
/// A connection to a Redis server that may be away at any time: nothing here throws for that, calls are answered
/// with what is known without it. It connects, and connects again, by itself.
/// </summary>
public sealed class RedisConnection : IAsyncDisposable
{
    // The first connection, on a machine that has just started, takes its time.
    private static readonly TimeSpan PatienceToConnect = TimeSpan.FromSeconds(5);

    // The client sets no limit to calls that wait for an answer, and a server that hangs gives none.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    // Who has waited in vain does not wait again at once: writers would crawl while a server hangs.
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(10);

    private readonly ILogger logger;
    private readonly Task<ConnectionMultiplexer> connecting;
    private int isAway;
    private long restsUntil;

    /// <param name="server">host:port, or what StackExchange.Redis takes for more, such as a password.</param>
    /// <exception cref="ArgumentException">It names no server.</exception>
    public RedisConnection(string server, ILogger<RedisConnection> logger)
    {
        this.logger = logger;
        var options = Parse(server) ?? throw new ArgumentException("It names no server.", nameof(server));
        options.AbortOnConnectFail = false;
        options.ClientName = "bifrost";
        options.ConnectRetry = 1;
        options.ConnectTimeout = (int)PatienceToConnect.TotalMilliseconds;
        options.KeepAlive = 10;
        connecting = Task.Run(() => ConnectionMultiplexer.ConnectAsync(options));
    }

    /// <summary>Whether a text names a server, as the constructor takes it.</summary>
    public static bool IsServer(string text) => Parse(text) is not null;

    /// <summary>
    /// What the keys and channels of a ledger begin with, so that several can share a Redis server. All processes of
    /// one ledger have to name its database server alike.
    /// </summary>
    /// <param name="database">The ledger's Npgsql connection string.</param>
    public static string PrefixOf(string database)
    {
        var settings = new NpgsqlConnectionStringBuilder(database);
        return $"bifrost:{settings.Host?.ToLowerInvariant()}:{settings.Port}:{settings.Database}:";
    }

    /// <summary>Whether the server answers now.</summary>
    public Task<bool> Answers(CancellationToken cancel = default) => Try(
        async redis =>
        {
            await redis.PingAsync();
            return true;
        },
        otherwise: false,
        cancel);

    /// <returns>What the call returned, or <paramref name="otherwise"/> where the server is away.</returns>
    internal async Task<T> Try<T>(Func<IDatabase, Task<T>> call, T otherwise, CancellationToken cancel)
    {
        if (Environment.TickCount64 < Interlocked.Read(ref restsUntil))
            return otherwise;
        try
        {
            var redis = await connecting.WaitAsync(cancel);
            var answer = await call(redis.GetDatabase()).WaitAsync(Patience, cancel);
            if (Interlocked.Exchange(ref isAway, 0) == 1)
                logger.LogInformation("Redis answers again");
            return answer;
        }
        catch (Exception e) when (
            e is RedisException or TimeoutException or IOException or SocketException or ObjectDisposedException
            || (e is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            if (e is TimeoutException)
                Interlocked.Exchange(ref restsUntil, Environment.TickCount64 + (long)Rest.TotalMilliseconds);
            // Once per outage: an import would repeat it for every batch.
            if (Interlocked.Exchange(ref isAway, 1) == 0)
                logger.LogWarning("Redis is away, prices are neither kept nor passed on there: {Reason}", e.Message);
            return otherwise;
        }
    }

    /// <summary>
    /// Hands over the channel's messages one after another, in the order in which they come, from the task's end on;
    /// where the server is away, from its return on.
    /// </summary>
    internal async Task Subscribe(string channel, Action<byte[]> hear)
    {
        var redis = await connecting;
        // A handler that is given along would be called for several messages at once, and an old price could come last.
        var messages = await redis.GetSubscriber().SubscribeAsync(RedisChannel.Literal(channel));
        messages.OnMessage(message => hear(message.Message!));
    }

    public async ValueTask DisposeAsync()
    {
        var redis = await connecting;
        // Without waiting for calls under way, which a server that hangs never ends.
        await redis.CloseAsync(allowCommandsToComplete: false);
        redis.Dispose();
    }

    private static ConfigurationOptions? Parse(string server)
    {
        try
        {
            var options = ConfigurationOptions.Parse(server);
            return options.EndPoints.Count > 0 && options.EndPoints.All(CanBe) ? options : null;
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    // The client takes all of redis://host:port for the name of a host, which it would look for as long as it runs.
    private static bool CanBe(EndPoint server) =>
        server is not DnsEndPoint named || Uri.CheckHostName(named.Host) != UriHostNameType.Unknown;
}

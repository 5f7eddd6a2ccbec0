using StackExchange.Redis;
using Xunit;

namespace Bifrost.Harness;

/// <summary>A part of the Redis server that the entry script provides to the tests; emptied at the end.</summary>
public sealed class TestRedis : IAsyncDisposable
{
    private const string Missing =
        "There is no Redis server: ./bifrost test starts one where redis-server is installed (on Debian and Ubuntu the "
        + "package redis-server), or set BIFROST_TEST_REDIS to host:port.";

    private TestRedis(string server) => Server = server;

    /// <summary>host:port.</summary>
    public string Server { get; }

    /// <summary>What all keys and channels of the test begin with.</summary>
    public string Prefix { get; } = $"test:{Guid.NewGuid():N}:";

    /// <summary>Skips the test where there is no server.</summary>
    public static TestRedis OrSkip()
    {
        var server = Environment.GetEnvironmentVariable("BIFROST_TEST_REDIS");
        Skip.If(string.IsNullOrEmpty(server), Missing);
        return new TestRedis(server!);
    }

    public async ValueTask DisposeAsync()
    {
        using var redis = await ConnectionMultiplexer.ConnectAsync(Server);
        RedisKey[] keys = [.. redis.GetServer(Server).Keys(pattern: $"{Prefix}*")];
        await redis.GetDatabase().KeyDeleteAsync(keys);
        // Otherwise it would say goodbye, and wait a second for an answer that nobody reads any more.
        await redis.CloseAsync(allowCommandsToComplete: false);
    }
}

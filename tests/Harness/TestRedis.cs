using StackExchange.Redis;
using Xunit;

namespace Bifrost.Harness;

/// <summary>A part of the tests' Redis server; emptied at the end.</summary>
public sealed class TestRedis : IAsyncDisposable
{
    private const string Missing =
        "There is no Redis. ./bifrost test starts one where redis-server is installed; or set BIFROST_TEST_REDIS to "
        + "host:port.";

    private const string Clean = "for _, key in ipairs(redis.call('KEYS', ARGV[1])) do redis.call('DEL', key) end";

    private TestRedis(string server) => Server = server;

    /// <summary>host:port.</summary>
    public string Server { get; }

    /// <summary>What all keys and channels of the test begin with.</summary>
    public string Prefix { get; } = $"test:{Guid.NewGuid():N}:";

    /// <summary>Skips the test where there is no server.</summary>
    public static TestRedis OrSkip()
    {
        var server = TestServers.Redis;
        Skip.If(string.IsNullOrEmpty(server), Missing);
        return new TestRedis(server!);
    }

    public async ValueTask DisposeAsync()
    {
        using var redis = await ConnectionMultiplexer.ConnectAsync(Server);
        await redis.GetDatabase().ExecuteAsync("EVAL", Clean, 0, $"{Prefix}*");
        // Otherwise it would say goodbye, and wait a second for an answer that nobody reads any more.
        await redis.CloseAsync(allowCommandsToComplete: false);
    }
}

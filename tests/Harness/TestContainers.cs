using Testcontainers.Redis;

namespace Bifrost.Harness;

/// <summary>A PostgreSQL and a Redis in containers.</summary>
internal sealed class TestContainers : IAsyncDisposable
{
    /// <summary>The same as in docker-compose.yml.</summary>
    public const string RedisImage = "redis:7";

    private readonly RedisContainer redis;

    private TestContainers(PostgresContainer postgres, RedisContainer redis) =>
        (Postgres, this.redis) = (postgres, redis);

    public PostgresContainer Postgres { get; }

    /// <summary>host:port.</summary>
    public string Redis => redis.GetConnectionString();

    /// <param name="folder">Where the passwords of the modules' roles may be kept.</param>
    public static async Task<TestContainers> Start(string folder)
    {
        // Everything in it can be made again.
        var redis = new RedisBuilder(RedisImage).WithCommand("--save", "", "--appendonly", "no").Build();
        var postgres = PostgresContainer.Start(folder);
        await Task.WhenAll(postgres, redis.StartAsync());
        return new TestContainers(await postgres, redis);
    }

    public async ValueTask DisposeAsync()
    {
        await redis.DisposeAsync();
        await Postgres.DisposeAsync();
    }
}

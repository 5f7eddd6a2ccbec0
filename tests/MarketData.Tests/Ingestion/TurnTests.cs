using Bifrost.EventStore;
using Bifrost.MarketData.Bars;
using Npgsql;

namespace Bifrost.MarketData.Tests.Ingestion;

/// <summary>Batches of bars go one after another, and nobody else can stand in their way.</summary>
public sealed class TurnTests(BarStore store) : IClassFixture<BarStore>
{
    [Fact]
    public async Task a_lock_that_anybody_may_take_holds_up_no_bars()
    {
        await using var portal = NpgsqlDataSource.Create(
            ModuleRoles.As("web_portal_user", store.ConnectionString, "").ConnectionString);
        await using var other = await portal.OpenConnectionAsync();
        await using var take = new NpgsqlCommand("SELECT pg_advisory_lock(4711003)", other);
        await take.ExecuteNonQueryAsync();
        await using var turn = new NpgsqlCommand("SELECT FROM market_bar_turn FOR KEY SHARE", other);
        (await Should.ThrowAsync<PostgresException>(() => turn.ExecuteNonQueryAsync())).SqlState
            .ShouldBe(PostgresErrorCodes.InsufficientPrivilege);

        var counts = await store.Ingest(BarInterval.Day, "turns", "TURN,2026-03-02,1,2,1,2,100");

        counts.Written.ShouldBe(1);
    }
}

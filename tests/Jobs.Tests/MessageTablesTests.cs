using Microsoft.Extensions.DependencyInjection;
using Weasel.Core;
using Weasel.Core.Migrations;
using Wolverine.Runtime;

namespace Bifrost.Jobs.Tests;

/// <summary>The tables of messages, which the server may not make, are those that Wolverine asks for.</summary>
public sealed class MessageTablesTests : IAsyncLifetime
{
    private readonly OneHost one = new();

    public Task InitializeAsync() => one.InitializeAsync();

    public Task DisposeAsync() => one.DisposeAsync();

    [Fact]
    public async Task the_tables_are_what_wolverines_configuration_asks_for()
    {
        var asked = await Asked();

        asked.Keys.ShouldContain("work.wolverine_incoming_envelopes");
        Differing(asked).ShouldBeEmpty();
    }

    [Fact]
    public async Task wolverine_has_no_table_that_it_does_not_ask_for_but_the_queue_that_is_not_used_yet()
    {
        await using var source = Npgsql.NpgsqlDataSource.Create(one.Database.ConnectionString);
        await using var command = source.CreateCommand(
            "SELECT schemaname || '.' || tablename FROM pg_tables WHERE tablename LIKE 'wolverine%'");
        await using var reader = await command.ExecuteReaderAsync();
        var there = new List<string>();
        while (await reader.ReadAsync())
            there.Add(reader.GetString(0));

        there.Except((await Asked()).Keys).Order()
            .ShouldBe(["work.wolverine_queue_webhooks", "work.wolverine_queue_webhooks_scheduled"]);
    }

    [Fact]
    public async Task a_column_or_an_index_that_is_missing_shows()
    {
        await one.Database.Query<int>(
            """
            DO $$ BEGIN
                ALTER TABLE work.wolverine_nodes DROP COLUMN version;
                DROP INDEX work.idx_wolverine_dead_letters_failure_group;
            END $$;
            SELECT 1
            """);

        Differing(await Asked()).ShouldBe(["work.wolverine_dead_letters", "work.wolverine_nodes"]);
    }

    private static IEnumerable<string> Differing(Dictionary<string, SchemaPatchDifference> asked) =>
        asked.Where(table => table.Value != SchemaPatchDifference.None).Select(table => table.Key).Order();

    private async Task<Dictionary<string, SchemaPatchDifference>> Asked()
    {
        var store = (IDatabase)one.Host.Services.GetRequiredService<IWolverineRuntime>().Storage;
        var migration = await store.CreateMigrationAsync();
        return migration.Deltas.ToDictionary(
            delta => delta.SchemaObject.Identifier.QualifiedName, delta => delta.Difference);
    }
}

using Npgsql;

namespace Bifrost.EventStore.Tests;

public sealed class MigrationTests
{
    [Fact]
    public async Task every_file_is_applied_once_in_its_order_and_recorded()
    {
        await using var database = await EmptyDatabase.Create();

        var first = await SchemaMigrations.Apply(database.Owner);
        var second = await SchemaMigrations.Apply(database.Owner);

        first.ShouldBe(Files);
        second.ShouldBeEmpty();
        (await Recorded(database)).ShouldBe(Files);
    }

    [Fact]
    public async Task of_two_processes_that_start_at_once_each_file_is_applied_by_one()
    {
        for (var round = 0; round < 3; round++)
        {
            await using var database = await EmptyDatabase.Create();

            var applied = await Task.WhenAll(
                Enumerable.Range(0, 4).Select(_ => SchemaMigrations.Apply(database.Owner)));

            applied.SelectMany(files => files).Order(StringComparer.Ordinal).ShouldBe(Files);
            (await Recorded(database)).ShouldBe(Files);
        }
    }

    [Fact]
    public async Task a_file_that_fails_leaves_those_before_it_and_is_applied_when_it_can_be()
    {
        await using var database = await EmptyDatabase.Create();
        await Execute(database, "CREATE TABLE holding (of_somebody_else text)");

        var failure = await Should.ThrowAsync<PostgresException>(() => SchemaMigrations.Apply(database.Owner));

        failure.SqlState.ShouldBe(PostgresErrorCodes.DuplicateTable);
        var before = Files.TakeWhile(file => file != "ledger/0002_legacy_tables.sql").ToList();
        (await Recorded(database)).ShouldBe(before);
        await Execute(database, "DROP TABLE holding");
        (await SchemaMigrations.Apply(database.Owner)).ShouldBe(Files.Except(before));
    }

    [Fact]
    public async Task a_lock_that_anybody_may_take_holds_up_no_start()
    {
        await using var database = await EmptyDatabase.Create();
        await using var other = await database.Owner.OpenConnectionAsync();
        await using var take = new NpgsqlCommand(
            "SELECT pg_advisory_lock(n) FROM generate_series(4711001, 4711008) AS n", other);
        await take.ExecuteNonQueryAsync();

        (await SchemaMigrations.Apply(database.Owner)).ShouldBe(Files);
    }

    private static IReadOnlyList<string> Files => SchemaMigrations.Names;

    private static async Task<string[]> Recorded(EmptyDatabase database)
    {
        await using var command = database.Owner.CreateCommand(
            "SELECT array_agg(name ORDER BY name COLLATE \"C\") FROM public.schema_migration");
        return (string[])(await command.ExecuteScalarAsync())!;
    }

    private static async Task Execute(EmptyDatabase database, string sql)
    {
        await using var command = database.Owner.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}

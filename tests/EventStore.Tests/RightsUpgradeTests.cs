using Npgsql;

namespace Bifrost.EventStore.Tests;

/// <summary>Keys from before there were rights keep what they could do, until somebody decides.</summary>
public sealed class RightsUpgradeTests
{
    private const string Rights = "ledger/0015_rights.sql";

    private const string Keys =
        """
        INSERT INTO ledger.api_key (key_id, name, role, user_id, secret_hash, revoked_at)
        SELECT lpad(to_hex(n), 12, '0'), role || n, role, CASE WHEN role = 'trader' THEN n END,
               sha256(role::bytea), CASE WHEN n > 4 THEN now() END
        FROM unnest(ARRAY['trader', 'operator', 'auditor', 'service', 'trader']) WITH ORDINALITY AS k (role, n)
        """;

    [Fact]
    public async Task keys_of_traders_and_services_are_undecided_and_those_made_by_hand_later_have_none()
    {
        await using var database = await EmptyDatabase.Create();
        await ApplyUntil(database, Rights);
        await Execute(database, Keys);

        await SchemaMigrations.Apply(database.Owner);

        (await Read(
            database, "SELECT array_agg(role || array_to_string(rights, ',') ORDER BY key_id) FROM ledger.api_key"))
            .ShouldBe(["traderundecided", "operator", "auditor", "serviceundecided", "traderundecided"]);
        await Execute(database, "UPDATE ledger.api_key SET rights = DEFAULT WHERE role = 'service'");
        (await Read(database, "SELECT rights FROM ledger.api_key WHERE role = 'service'")).ShouldBeEmpty();
    }

    private static async Task ApplyUntil(EmptyDatabase database, string end)
    {
        await Execute(
            database, "CREATE TABLE schema_migration (name text PRIMARY KEY, applied_at timestamptz DEFAULT now())");
        var before = SchemaMigrations.Names
            .TakeWhile(name => string.CompareOrdinal(name, end) < 0);
        foreach (var file in before)
        {
            using var text = new StreamReader(
                typeof(SchemaMigrations).Assembly.GetManifestResourceStream(file)!);
            await Execute(database, await text.ReadToEndAsync());
            await Execute(database, $"INSERT INTO schema_migration VALUES ('{file}')");
        }
    }

    private static async Task<string[]> Read(EmptyDatabase database, string sql)
    {
        await using var command = database.Owner.CreateCommand(sql);
        return (string[])(await command.ExecuteScalarAsync())!;
    }

    private static async Task Execute(EmptyDatabase database, string sql)
    {
        await using var command = database.Owner.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}

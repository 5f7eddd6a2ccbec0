using Bifrost.EventStore;
using Bifrost.Grains;
using Bifrost.MarketData;
using Bifrost.Messaging;
using Npgsql;

namespace Bifrost.Workers.Tests.Watching;

/// <summary>A role may set things for itself for good; the server works by none of them, and takes them back.</summary>
[Collection(GuardedLedger.Roles)]
public sealed class SettingTests(GuardedLedger ledger) : IClassFixture<GuardedLedger>
{
    private static readonly (string Name, string Value)[] Own =
    [
        ("statement_timeout", "1"), ("lock_timeout", "1"), ("idle_in_transaction_session_timeout", "1"),
        ("idle_session_timeout", "1"), ("default_transaction_read_only", "on"), ("synchronous_commit", "off"),
        ("default_transaction_isolation", "serializable"), ("search_path", "pg_catalog"), ("TimeZone", "Asia/Tokyo"),
        ("DateStyle", "German"), ("bytea_output", "escape"), ("extra_float_digits", "-15"),
        ("standard_conforming_strings", "off"), ("transform_null_equals", "on"),
    ];

    public static TheoryData<string> Modules() =>
        [ModuleRoles.LedgerWriter, ModuleRoles.Portfolio, ModuleRoles.MarketData, ModuleRoles.Work];

    [SkippableTheory]
    [MemberData(nameof(Modules))]
    public async Task what_a_role_sets_for_itself_changes_nothing_for_the_server(string role)
    {
        Skip.IfNot(ledger.HasLogins, "Roles that log in as the owner cannot set anything for themselves.");
        await using (var connection = await ledger.LogIn(role))
        {
            foreach (var (name, value) in Own)
                await Run(connection, $"{Alter} SET {name} = '{value}'");
        }

        await using var source = ConnectionsOf(role);
        await using var server = await source.OpenConnectionAsync();

        var names = string.Join(',', Own.Select(own => $"'{own.Name}'"));
        (await Column(server, $"SELECT name FROM pg_settings WHERE name IN ({names}) AND source <> 'client'"))
            .ShouldBeEmpty();
        (await DatabaseDoors.PutSettingsBack(ledger.Owner)).Count.ShouldBe(Own.Length - 1);
        // What a superuser or a pooler needs stays.
        (await Column(server, "SELECT array_to_string(setconfig, ' ') FROM pg_db_role_setting s "
            + $"JOIN pg_database d ON d.oid = s.setdatabase WHERE d.datname = '{ledger.Database.Name}'"))
            .ShouldBe(["search_path=pg_catalog"]);
        await Run(server, $"{Alter} RESET ALL");
    }

    [SkippableFact]
    public async Task a_password_that_a_role_gives_itself_is_put_back()
    {
        const string Role = "risk_service_user";
        Skip.IfNot(ledger.HasLogins, "Roles that log in as the owner have no passwords.");
        await using (var connection = await ledger.LogIn(Role))
            await Run(connection, "ALTER ROLE CURRENT_USER PASSWORD 'another'");
        (await Should.ThrowAsync<PostgresException>(() => ledger.LogIn(Role))).SqlState
            .ShouldBe(PostgresErrorCodes.InvalidPassword);

        await RolePasswords.Provide(ledger.Database.ConnectionString);

        await using var again = await ledger.LogIn(Role);
    }

    [SkippableFact]
    public async Task a_role_that_takes_all_connections_that_it_gets_leaves_the_writer_its_own()
    {
        const string Role = "web_portal_user";
        Skip.IfNot(ledger.HasLogins, "Roles that log in as the owner share his connections.");
        var taken = new List<NpgsqlConnection>();
        try
        {
            var refused = await Should.ThrowAsync<PostgresException>(async () =>
            {
                while (true)
                    taken.Add(await ledger.LogIn(Role));
            });

            refused.SqlState.ShouldBe(PostgresErrorCodes.TooManyConnections);
            taken.Count.ShouldBeLessThanOrEqualTo(await ledger.Database.Query<int>(
                "SELECT current_setting('max_connections')::integer / 10"));
            (await ledger.Commit("MANY")).Rejection.ShouldBeNull();
        }
        finally
        {
            foreach (var connection in taken)
                await connection.DisposeAsync();
        }
    }

    [Fact]
    public async Task every_role_but_the_writer_has_a_limit_of_connections()
    {
        await using var connection = await ledger.Owner.OpenConnectionAsync();
        var names = string.Join(',', ModuleRoles.All.Select(role => $"'{role}'"));

        const string Unlimited = "SELECT rolname::text FROM pg_roles WHERE rolconnlimit = -1 AND rolname IN";
        (await Column(connection, $"{Unlimited} ({names})")).ShouldBe([ModuleRoles.LedgerWriter]);
    }

    private string Alter => $"ALTER ROLE CURRENT_USER IN DATABASE {ledger.Database.Name}";

    private NpgsqlDataSource ConnectionsOf(string role) => role switch
    {
        ModuleRoles.LedgerWriter => LedgerConnections.Writer(ledger.Database.ConnectionString),
        ModuleRoles.Portfolio => LedgerConnections.Readers(ledger.Database.ConnectionString),
        ModuleRoles.MarketData => MarketConnections.Workers(ledger.Database.ConnectionString),
        _ => WorkConnections.Of(ledger.Database.ConnectionString),
    };

    private static async Task Run(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<List<string>> Column(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync();
        var values = new List<string>();
        while (await reader.ReadAsync())
            values.Add(reader.GetString(0));
        return values;
    }
}

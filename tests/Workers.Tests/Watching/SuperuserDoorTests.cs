using Bifrost.EventStore;
using Npgsql;

namespace Bifrost.Workers.Tests.Watching;

/// <summary>What only a superuser can shut: scripts/doors.sql, run as the private server has it run.</summary>
[Collection(GuardedLedger.Roles)]
public sealed class SuperuserDoorTests(GuardedLedger ledger) : IClassFixture<GuardedLedger>, IAsyncLifetime
{
    private static readonly string[] Tricks =
    [
        "SELECT pg_advisory_lock(1)", "SELECT pg_try_advisory_lock(1, 2)", "SELECT pg_advisory_xact_lock_shared(1)",
        "SELECT lo_create(0)", "SELECT lo_creat(-1)", "SELECT lo_from_bytea(0, 'x')",
        "SELECT pg_logical_emit_message(false, 'x', 'y')", "SET temp_file_limit = -1",
    ];

    public async Task InitializeAsync()
    {
        await Superuser(await File.ReadAllTextAsync(Path.Combine(EntryScript.Root, "scripts", "doors.sql")));
        await DatabaseDoors.Shut(ledger.Owner);
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [SkippableFact]
    public async Task locks_and_objects_of_everybody_are_refused_and_the_ledger_and_its_nodes_go_on()
    {
        Skip.IfNot(ledger.HasLogins, "Roles that log in as the owner can do what the owner can.");
        foreach (var role in ModuleRoles.All)
        {
            await using var connection = await ledger.LogIn(role);
            foreach (var trick in Tricks)
            {
                var isRefused = await Try(connection, trick) == PostgresErrorCodes.InsufficientPrivilege;
                // Nodes choose by such a lock who leads them.
                isRefused.ShouldBe(!(role == ModuleRoles.Work && trick.Contains("advisory")), $"{role}: {trick}");
            }
        }
        (await ledger.Commit("DOOR")).Rejection.ShouldBeNull();
    }

    [SkippableFact]
    public async Task a_statement_that_writes_files_without_end_is_ended()
    {
        Skip.IfNot(ledger.HasLogins, "Roles that log in as the owner can do what the owner can.");
        (await ledger.Database.Query<string>("SELECT current_setting('temp_file_limit')")).ShouldBe("20GB");
        await Superuser($"ALTER DATABASE {ledger.Database.Name} SET temp_file_limit = '1MB'");
        await using var connection = await ledger.LogIn("web_portal_user");

        (await Try(connection, "SELECT count(*) FROM (SELECT FROM generate_series(1, 1000000) AS n ORDER BY -n) AS s"))
            .ShouldBe(PostgresErrorCodes.ConfigurationLimitExceeded);
    }

    private static async Task<string?> Try(NpgsqlConnection connection, string sql)
    {
        try
        {
            await using var command = new NpgsqlCommand(sql, connection);
            await command.ExecuteNonQueryAsync();
            return null;
        }
        catch (PostgresException e)
        {
            return e.SqlState;
        }
    }

    private async Task Superuser(string sql)
    {
        await using var superuser = new NpgsqlConnection(ledger.Database.SuperuserConnectionString);
        await superuser.OpenAsync();
        await using var command = new NpgsqlCommand(sql, superuser);
        await command.ExecuteNonQueryAsync();
    }
}

using System.Text;
using Bifrost.EventStore;
using Bifrost.Workers.Watching;
using Npgsql;

namespace Bifrost.Workers.Tests.Watching;

/// <summary>
/// Each role of a module tries all that PostgreSQL has to make others wait, to fill something up, or to end somebody,
/// while a command is committed and the guard looks.
/// </summary>
[Collection(GuardedLedger.Roles)]
public sealed class DoorTests(GuardedLedger ledger) : IClassFixture<GuardedLedger>
{
    // All but the writer, which may hold up itself.
    private static readonly string[] Roles = [.. ModuleRoles.All.Except([ModuleRoles.LedgerWriter])];

    // What an error says that refuses: no right to it, or none has it.
    private static readonly string[] Refusals =
    [
        PostgresErrorCodes.InsufficientPrivilege, PostgresErrorCodes.ObjectNotInPrerequisiteState,
        PostgresErrorCodes.CantChangeRuntimeParam,
    ];

    // A trick, and a column a role in the order of ModuleRoles.All without the writer.
    // -    refused
    // goes the commit goes through while it is held
    // wait the commit waits until the guard has ended the session, and goes through then
    // A cross: the guard ends the session, at once or because it is idle in a transaction.
    private const string Expected =
        """
        the advisory lock that commits took once  goes x goes x goes x goes x goes x goes x goes x goes x goes
        the same, shared and in a transaction     goes x goes x goes x goes x goes x goes x goes x goes x goes x
        a thousand advisory locks                 goes x goes x goes x goes x goes x goes x goes x goes x goes x
        the row by which commits take turns       -      -      -      -      -      -      -      -      -
        the table of that row                     -      -      -      -      -      -      -      -      -
        the rows of portfolios                    wait x -      -      -      -      -      -      -      -
        the rows of portfolios, shared            wait x -      -      -      -      -      -      -      -
        the keys of portfolios                    goes x -      -      -      -      -      -      -      -
        the rows of cash                          -      -      -      -      -      -      -      -      -
        the heads of streams                      -      -      -      -      -      -      -      -      -
        the events                                -      -      -      -      -      -      -      -      -
        the symbols                               -      -      goes x -      -      -      -      -      -
        the symbol that a commit needs            -      -      wait x -      -      -      -      -      -
        portfolios, to read                       goes x goes x -      goes x goes x goes x goes x -      -
        portfolios, to lock rows                  -      -      -      -      -      -      -      -      -
        portfolios, to write                      -      -      -      -      -      -      -      -      -
        portfolios, against all                   -      -      -      -      -      -      -      -      -
        symbols, to write                         -      -      goes x -      -      -      -      -      -
        symbols, against writers                  -      -      -      -      -      -      -      -      -
        symbols, against all                      -      -      -      -      -      -      -      -      -
        events, against writers                   -      -      -      -      -      -      -      -      -
        places of followers, against all          goes x -      -      -      -      -      goes x -      goes x
        the record of migrations                  -      -      -      -      -      -      -      -      -
        a snapshot of everything                  goes x goes x goes x goes x goes x goes x goes x goes x goes x
        a transaction that is prepared            -      -      -      -      -      -      -      -      -
        the queue of notifications                goes x goes x goes x goes x goes x goes x goes x goes x goes x
        a flood of notifications                  goes   goes   goes   goes   goes   goes   goes   goes   goes
        notifications that are garbage            goes   goes   goes   goes   goes   goes   goes   goes   goes
        ids of orders                             -      -      -      -      -      -      -      -      -
        ids of orders, set                        -      -      -      -      -      -      -      -      -
        sequences of events                       -      -      -      -      -      -      -      -      -
        a table                                   -      -      -      -      -      -      -      -      -
        a temporary table                         -      -      goes   -      -      -      -      -      -
        a schema                                  -      -      -      -      -      -      -      -      -
        a function                                -      -      -      -      -      -      -      -      -
        an extension                              -      -      -      -      -      -      -      -      -
        a replication slot                        -      -      -      -      -      -      -      -      -
        temporary files without limit             -      -      -      -      -      -      -      -      -
        a file of the server                      -      -      -      -      -      -      -      -      -
        a program of the server                   -      -      -      -      -      -      -      -      -
        the writer's sessions, ended              -      -      -      -      -      -      -      -      -
        the writer's statements, cancelled        -      -      -      -      -      -      -      -      -
        the writer's settings                     -      -      -      -      -      -      -      -      -
        the writer's password                     -      -      -      -      -      -      -      -      -
        the writer's role                         -      -      -      -      -      -      -      -      -
        the owner's role                          -      -      -      -      -      -      -      -      -
        a role of its own                         -      -      -      -      -      -      -      -      -
        the server's settings                     -      -      -      -      -      -      -      -      -
        the database's settings                   -      -      -      -      -      -      -      -      -
        the triggers, switched off                -      -      -      -      -      -      -      -      -
        an index, made anew                       -      -      -      -      -      -      -      -      -
        a table, emptied                          -      -      -      -      -      -      -      -      -
        a checkpoint                              -      -      -      -      -      -      -      -      -
        a vacuum of everything                    goes   goes   goes   goes   goes   goes   goes   goes   goes
        """;

    [SkippableFact]
    public async Task what_each_role_holds_is_refused_or_harmless_or_ended_and_commits_go_through()
    {
        Skip.IfNot(ledger.HasLogins, "Roles that log in as the owner can do what the owner can.");
        var found = new StringBuilder();
        foreach (var trick in DoorTricks.All)
        {
            var outcomes = new List<string>();
            foreach (var role in Roles)
                outcomes.Add(await Try(role, trick));
            found.Append($"{trick.Name,-42}{string.Concat(outcomes.Select(o => $"{o,-7}"))}".TrimEnd()).Append('\n');
        }

        found.ToString().ShouldBe(Expected + "\n");
    }

    private async Task<string> Try(string role, DoorTrick trick)
    {
        var symbol = $"T{Guid.NewGuid():N}"[..12].ToUpperInvariant();
        await using var connection = await ledger.LogIn(role);
        if (await IsRefused(connection, trick, symbol))
            return "-";
        var commit = ledger.Commit(symbol);
        var goesThrough = await ledger.IsThrough(commit);
        var ended = await Ends(connection);
        await commit;
        return $"{(goesThrough ? "goes" : "wait")}{(ended ? " x" : "")}";
    }

    private static async Task<bool> IsRefused(NpgsqlConnection connection, DoorTrick trick, string symbol)
    {
        try
        {
            foreach (var statement in trick.Statements)
            {
                await using var command = new NpgsqlCommand(
                    statement.Replace("{symbol}", symbol, StringComparison.Ordinal), connection);
                await command.ExecuteNonQueryAsync();
            }
            return false;
        }
        catch (PostgresException e) when (Refusals.Contains(e.SqlState))
        {
            return true;
        }
    }

    private async Task<bool> Ends(NpgsqlConnection connection)
    {
        foreach (var guard in (DatabaseGuard[])[ledger.Guard, ledger.Strict])
        {
            var found = await guard.Look(CancellationToken.None);
            if (found.Any(session => session.Pid == connection.ProcessID && session.MayEnd))
                return true;
        }
        return false;
    }
}

using System.CommandLine;
using System.CommandLine.Parsing;
using Bifrost.Audit;
using Bifrost.EventStore;
using Npgsql;
using Spectre.Console;

namespace Bifrost.Cli;

/// <summary>How commands end: their own exit code, or 1 with one sentence about what went wrong.</summary>
internal static class Commands
{
    public static void Does(this Command command, Func<ParseResult, CancellationToken, Task<int>> action) =>
        command.SetAction(async (parsed, cancel) =>
        {
            try
            {
                return await action(parsed, cancel);
            }
            catch (OperatorException e)
            {
                return Fail(e.Message);
            }
            catch (AuditException e)
            {
                return Fail(e.Message);
            }
            catch (NpgsqlException e)
            {
                return Fail($"The database: {e.Message} Is it running? ./bifrost db status tells.");
            }
            catch (EventReadException e)
            {
                return Fail($"{e.Message} ./bifrost replay repair shows it, and what can be done.");
            }
            catch (HttpRequestException e)
            {
                return Fail($"The server: {e.Message} Is it running? ./bifrost run starts it.");
            }
        });

    /// <summary>Adds a check of the arguments together, which adds what is wrong with them as errors.</summary>
    public static void Checks(this Command command, Action<CommandResult> check) => command.Validators.Add(result =>
    {
        try
        {
            check(result);
        }
        catch (InvalidOperationException)
        {
            // An argument that is not of its type cannot be got; the parser says so itself.
        }
    });

    private static int Fail(string message)
    {
        Console.Error.WriteLine(message);
        return 1;
    }
}

using System.CommandLine;
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

    private static int Fail(string message)
    {
        Console.Error.WriteLine(message);
        return 1;
    }
}

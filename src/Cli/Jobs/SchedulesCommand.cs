using System.CommandLine;
using System.Text.Json.Nodes;

namespace Bifrost.Cli.Jobs;

/// <summary>Jobs that are asked for at times of the clock.</summary>
internal static class SchedulesCommand
{
    private static readonly Option<string> Server = ServerClient.Option();

    public static Command Create() => new("schedules", "Jobs that the running server asks for at times of the clock.")
    {
        List(), Set(), Remove(), Server,
    };

    private static Command List()
    {
        var command = new Command("list", "Lists the schedules and when each is due next.");
        command.Does((parsed, cancel) => With(parsed, async client =>
        {
            var schedules = (await client.Get("/api/schedules", cancel)).AsArray();
            Rows.Show(
                ["name", "kind", "cron", "zone", "next", "last", "skipped"],
                schedules.Select(schedule => Cells(schedule!)));
            return 0;
        }));
        return command;
    }

    private static Command Set()
    {
        var name = new Argument<string>("NAME") { Description = "What it is called." };
        var kind = new Option<string>("--kind")
        {
            Description = "What is to be done; ./bifrost jobs start lists the kinds.", Required = true,
        };
        var cron = new Option<string>("--cron")
        {
            Description = "When: minute, hour, day of month, month, day of week, such as '30 6 * * MON-FRI'.",
            Required = true,
        };
        var zone = new Option<string>("--zone")
        {
            Description = "The time zone that it is meant in, such as Europe/Berlin.",
            DefaultValueFactory = _ => "Etc/UTC",
        };
        var arguments = new Option<string>("--arguments")
        {
            Description = "What the kind takes, as a JSON object.", DefaultValueFactory = _ => "{}",
        };
        var command = new Command("set", "Makes a schedule, or changes the one of this name.")
        {
            name, kind, cron, zone, arguments,
        };
        command.Does((parsed, cancel) => With(parsed, async client =>
        {
            var body = new JsonObject
            {
                ["kind"] = parsed.GetValue(kind), ["cron"] = parsed.GetValue(cron), ["zone"] = parsed.GetValue(zone),
                ["arguments"] = JobsCommand.Json(parsed.GetValue(arguments)!),
            };
            var schedule = await client.Send(HttpMethod.Put, Path(parsed.GetValue(name)!), body, cancel);
            Console.WriteLine(schedule!["nextAt"] is { } next ? $"due next {next}" : "never due");
            return 0;
        }));
        return command;
    }

    private static Command Remove()
    {
        var name = new Argument<string>("NAME") { Description = "What it is called; list shows it." };
        var command = new Command("remove", "Removes a schedule; jobs that it asked for stay.") { name };
        command.Does((parsed, cancel) => With(parsed, async client =>
        {
            await client.Send(HttpMethod.Delete, Path(parsed.GetValue(name)!), body: null, cancel);
            Console.WriteLine($"schedule {parsed.GetValue(name)} is gone");
            return 0;
        }));
        return command;
    }

    private static Task<int> With(ParseResult parsed, Func<ServerClient, Task<int>> work) =>
        ServerClient.Use(parsed, Server, work);

    private static string Path(string name) => $"/api/schedules/{Uri.EscapeDataString(name)}";

    private static string[] Cells(JsonNode schedule) =>
    [
        $"{schedule["name"]}", $"{schedule["kind"]}", $"{schedule["cron"]}", $"{schedule["zone"]}",
        $"{schedule["nextAt"]}", $"{schedule["lastAt"]}", $"{schedule["skipped"]}",
    ];
}

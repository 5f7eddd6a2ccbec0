using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Bifrost.Jobs;

namespace Bifrost.Cli.Jobs;

/// <summary>Long work on the running server.</summary>
internal static class JobsCommand
{
    private static readonly Option<string> Server = ServerClient.Option();

    public static Command Create() => new(
        "jobs", "Long work on the running server: what there is, how far it is, and what is to become of it.")
    {
        List(), Show(), Start(), Watch(), Fetch(),
        Change("retry", "Has a job that failed or was cancelled done again, from where it came to.", "is queued again"),
        Change("cancel", "Has a job not begun, or stopped where it is.", "is told to stop"),
        Discard(),
        Server,
    };

    private static Command List()
    {
        var state = new Option<string?>("--state") { Description = string.Join(", ", JobStates.Words) };
        state.AcceptOnlyFromAmong([.. JobStates.Words]);
        var kind = new Option<string?>("--kind") { Description = "Only those of this kind." };
        var limit = new Option<int>("--limit") { Description = "How many.", DefaultValueFactory = _ => 20 };
        var command = new Command("list", "Lists jobs from the newest on.") { state, kind, limit };
        command.Does((parsed, cancel) => With(parsed, async client =>
        {
            var query = $"/api/jobs?limit={parsed.GetValue(limit).ToString(CultureInfo.InvariantCulture)}"
                + (parsed.GetValue(state) is { } word ? $"&state={word}" : "")
                + (parsed.GetValue(kind) is { } name ? $"&kind={Uri.EscapeDataString(name)}" : "");
            var jobs = (await client.Get(query, cancel))["items"]!.AsArray();
            Rows.Show(["job", "kind", "state", "how far", "owner", "asked for"], jobs.Select(job => Cells(job!)));
            return 0;
        }));
        return command;
    }

    private static Command Show()
    {
        var id = Id();
        var command = new Command("show", "Shows all of a job, as JSON.") { id };
        command.Does((parsed, cancel) => With(parsed, async client =>
        {
            var job = await client.Get($"/api/jobs/{parsed.GetValue(id)}", cancel);
            Console.WriteLine(ServerClient.Pretty(job));
            return 0;
        }));
        return command;
    }

    private static Command Start()
    {
        var kind = new Argument<string?>("KIND")
        {
            Description = "What is to be done; without it all kinds are listed.", Arity = ArgumentArity.ZeroOrOne,
        };
        var arguments = new Option<string>("--arguments")
        {
            Description = "What the kind takes, as a JSON object.", DefaultValueFactory = _ => "{}",
        };
        var wait = new Option<bool>("--watch") { Description = "Shows how far it is until it has ended." };
        var command = new Command("start", "Asks for a job, and prints its id.") { kind, arguments, wait };
        command.Does((parsed, cancel) => With(parsed, async client =>
        {
            if (parsed.GetValue(kind) is not { } name)
            {
                var kinds = (await client.Get("/api/jobs/kinds", cancel)).AsArray();
                Rows.Show(
                    ["kind", "what it does"],
                    kinds.Select(known => new[] { $"{known!["kind"]}", $"{known["description"]}" }));
                return 0;
            }
            var body = new JsonObject { ["kind"] = name, ["arguments"] = Json(parsed.GetValue(arguments)!) };
            var job = (await client.Send(HttpMethod.Post, "/api/jobs", body, cancel))!;
            Console.WriteLine($"{job["jobId"]}");
            return parsed.GetValue(wait) ? await Watch(client, $"{job["jobId"]}", cancel) : 0;
        }));
        return command;
    }

    private static Command Watch()
    {
        var id = Id();
        var command = new Command("watch", "Shows how far a job is until it has ended; exits with 1 where it failed.")
        {
            id,
        };
        command.Does((parsed, cancel) => With(parsed, client => Watch(client, $"{parsed.GetValue(id)}", cancel)));
        return command;
    }

    private static Command Fetch()
    {
        var id = Id();
        var output = new Option<FileInfo>("--out") { Description = "The file to write.", Required = true };
        var command = new Command("fetch", "Takes what a job gives back, such as an export, to a file.") { id, output };
        command.Does((parsed, cancel) => With(parsed, async client =>
        {
            var file = parsed.GetValue(output)!;
            try
            {
                await using var target = PrivateFile.Create(file.FullName);
                await client.Download($"/api/jobs/{parsed.GetValue(id)}/content", target, cancel);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new OperatorException($"{file.FullName} cannot be written: {e.Message}");
            }
            return 0;
        }));
        return command;
    }

    private static Command Change(string name, string description, string done)
    {
        var id = Id();
        var command = new Command(name, description) { id };
        command.Does((parsed, cancel) => With(parsed, async client =>
        {
            await client.Send(HttpMethod.Post, $"/api/jobs/{parsed.GetValue(id)}/{name}", body: null, cancel);
            Console.WriteLine($"job {parsed.GetValue(id)} {done}");
            return 0;
        }));
        return command;
    }

    private static Command Discard()
    {
        var id = Id();
        var command = new Command("discard", "Removes a job that has ended, with what it gave back.") { id };
        command.Does((parsed, cancel) => With(parsed, async client =>
        {
            await client.Send(HttpMethod.Delete, $"/api/jobs/{parsed.GetValue(id)}", body: null, cancel);
            Console.WriteLine($"job {parsed.GetValue(id)} is gone");
            return 0;
        }));
        return command;
    }

    private static async Task<int> Watch(ServerClient client, string id, CancellationToken cancel)
    {
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(500));
        using var line = new ProgressLine();
        while (true)
        {
            var job = await client.Get($"/api/jobs/{id}", cancel);
            if (job["finishedAt"] is not null)
            {
                line.Dispose();
                Console.WriteLine($"{job["state"]}{(job["problem"] is { } problem ? $": {problem}" : "")}");
                return $"{job["state"]}" == "succeeded" ? 0 : 1;
            }
            line.Show(_ => $"{job["state"]} {HowFar(job)}");
            await look.WaitForNextTickAsync(cancel);
        }
    }

    private static Task<int> With(ParseResult parsed, Func<ServerClient, Task<int>> work) =>
        ServerClient.Use(parsed, Server, work);

    private static Argument<Guid> Id() => new("ID") { Description = "The job's id; list shows it." };

    internal static JsonNode? Json(string text)
    {
        try
        {
            return JsonNode.Parse(text);
        }
        catch (JsonException e)
        {
            throw new OperatorException($"--arguments takes a JSON object: {e.Message}");
        }
    }

    private static string HowFar(JsonNode job)
    {
        var counted = (job["done"], job["total"]) switch
        {
            ({ } done, { } total) => $" {Number(done)} of {Number(total)}",
            ({ } done, null) => $" {Number(done)}",
            _ => "",
        };
        return $"{job["stage"]}{counted}";
    }

    private static string Number(JsonNode number) => ((long)number).ToString("N0", CultureInfo.InvariantCulture);

    private static string[] Cells(JsonNode job) =>
    [
        $"{job["jobId"]}", $"{job["kind"]}", $"{job["state"]}",
        job["problem"] is { } problem ? $"{problem}" : HowFar(job), $"{job["owner"]}",
        $"{(DateTimeOffset)job["createdAt"]!:yyyy-MM-dd HH:mm:ss}",
    ];
}

using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Bifrost.Cli.Jobs;
using Bifrost.Webhooks;

namespace Bifrost.Cli.Webhooks;

/// <summary>Other programs that the running server tells of events.</summary>
internal static class WebhooksCommand
{
    private static readonly Option<string> Server = ServerClient.Option();

    public static Command Create() => new(
        "webhooks", "Other programs that the running server tells of events, and what has become of each.")
    {
        List(), Show(), Make(), Change(), Delete(), Deliveries(), Retry(), Discard(), Replay(), Ping(), Server,
    };

    private static Command List()
    {
        var command = new Command("list", "Lists the webhooks.");
        command.Does((parsed, cancel) => With(parsed, async client =>
        {
            var webhooks = (await client.Get("/api/webhooks", cancel)).AsArray();
            Rows.Show(
                ["webhook", "url", "events", "portfolio", "active", "pending", "dead"],
                webhooks.Select(webhook => Cells(webhook!)));
            return 0;
        }));
        return command;
    }

    private static Command Show()
    {
        var id = Id();
        var command = new Command("show", "Shows all of a webhook, as JSON.") { id };
        command.Does((parsed, cancel) => With(parsed, async client =>
        {
            Console.WriteLine(ServerClient.Pretty(await client.Get(Path(parsed.GetValue(id)), cancel)));
            return 0;
        }));
        return command;
    }

    private static Command Make()
    {
        var url = new Argument<string>("URL") { Description = "Where requests are to be sent, http or https." };
        var portfolio = new Option<int?>("--portfolio") { Description = "Only the events of this portfolio." };
        var (types, description) = (Types(), Description());
        var command = new Command("create", "Has a URL told of events from now on, and prints its id and its secret.")
        {
            url, types, portfolio, description,
        };
        command.Does((parsed, cancel) => With(parsed, async client =>
        {
            var body = new JsonObject
            {
                ["url"] = parsed.GetValue(url), ["eventTypes"] = Array(parsed.GetValue(types) ?? []),
                ["portfolioId"] = parsed.GetValue(portfolio), ["description"] = parsed.GetValue(description),
            };
            var made = (await client.Send(HttpMethod.Post, "/api/webhooks", body, cancel))!;
            Console.Error.WriteLine("The secret is not shown again:");
            Console.WriteLine($"{made["webhook"]!["webhookId"]}\t{made["secret"]}");
            return 0;
        }));
        return command;
    }

    private static Command Change()
    {
        var (id, types, description) = (Id(), Types(), Description());
        var url = new Option<string?>("--url") { Description = "Where requests are to be sent." };
        var active = new Option<bool?>("--active")
        {
            Description = "false for nothing more, until it is true again; what comes in between is not told.",
        };
        var command = new Command("change", "Changes what is said.") { id, url, types, description, active };
        command.Does((parsed, cancel) => With(parsed, async client =>
        {
            var body = new JsonObject
            {
                ["url"] = parsed.GetValue(url), ["description"] = parsed.GetValue(description),
                ["eventTypes"] = parsed.GetResult(types) is null ? null : Array(parsed.GetValue(types)!),
                ["active"] = parsed.GetValue(active),
            };
            await client.Send(HttpMethod.Patch, Path(parsed.GetValue(id)), body, cancel);
            Console.WriteLine($"webhook {parsed.GetValue(id)} is changed");
            return 0;
        }));
        return command;
    }

    private static Command Delete()
    {
        var id = Id();
        var command = new Command("delete", "Removes a webhook, with its deliveries.") { id };
        command.Does((parsed, cancel) => With(parsed, async client =>
        {
            await client.Send(HttpMethod.Delete, Path(parsed.GetValue(id)), body: null, cancel);
            Console.WriteLine($"webhook {parsed.GetValue(id)} is gone");
            return 0;
        }));
        return command;
    }

    private static Command Deliveries()
    {
        var id = Id();
        var state = new Option<string?>("--state") { Description = string.Join(", ", DeliveryStates.Words) };
        state.AcceptOnlyFromAmong([.. DeliveryStates.Words]);
        var limit = new Option<int>("--limit") { Description = "How many.", DefaultValueFactory = _ => 20 };
        var command = new Command("deliveries", "Lists what a webhook is told of, from the newest on.")
        {
            id, state, limit,
        };
        command.Does((parsed, cancel) => With(parsed, async client =>
        {
            var path = $"{Path(parsed.GetValue(id))}/deliveries"
                + $"?limit={parsed.GetValue(limit).ToString(CultureInfo.InvariantCulture)}"
                + (parsed.GetValue(state) is { } word ? $"&state={word}" : "");
            var deliveries = (await client.Get(path, cancel))["items"]!.AsArray();
            Rows.Show(
                ["delivery", "sequence", "state", "attempts", "what was wrong", "next"],
                deliveries.Select(d => new[]
                {
                    $"{d!["deliveryId"]}", $"{d["sequence"]}", $"{d["state"]}", $"{d["attempts"]}", $"{d["error"]}",
                    $"{d["nextAt"]}",
                }));
            return 0;
        }));
        return command;
    }

    private static Command Retry()
    {
        var (id, delivery) = (Id(), DeliveryId());
        var command = new Command("retry", "Has a delivery that was given up made again.") { id, delivery };
        command.Does((parsed, cancel) => With(parsed, async client =>
        {
            var path = $"{Path(parsed.GetValue(id))}/deliveries/{parsed.GetValue(delivery)}/retry";
            await client.Send(HttpMethod.Post, path, body: null, cancel);
            Console.WriteLine($"delivery {parsed.GetValue(delivery)} is made again");
            return 0;
        }));
        return command;
    }

    private static Command Discard()
    {
        var (id, delivery) = (Id(), DeliveryId());
        var command = new Command("discard", "Removes a delivery that was given up.") { id, delivery };
        command.Does((parsed, cancel) => With(parsed, async client =>
        {
            var path = $"{Path(parsed.GetValue(id))}/deliveries/{parsed.GetValue(delivery)}";
            await client.Send(HttpMethod.Delete, path, body: null, cancel);
            Console.WriteLine($"delivery {parsed.GetValue(delivery)} is gone");
            return 0;
        }));
        return command;
    }

    private static Command Replay()
    {
        var id = Id();
        var from = new Option<long>("--from") { Description = "The first sequence.", Required = true };
        var to = new Option<long?>("--to") { Description = "The last sequence; the last there is without it." };
        var command = new Command("replay", "Has a webhook told of events again, and prints the id of the job.")
        {
            id, from, to,
        };
        command.Does((parsed, cancel) => With(parsed, async client =>
        {
            var body = new JsonObject { ["from"] = parsed.GetValue(from), ["to"] = parsed.GetValue(to) };
            var job = await client.Send(HttpMethod.Post, $"{Path(parsed.GetValue(id))}/replay", body, cancel);
            Console.WriteLine($"{job!["jobId"]}");
            return 0;
        }));
        return command;
    }

    private static Command Ping()
    {
        var id = Id();
        var command = new Command("ping", "Makes a signed request that tells of nothing; exits with 1 where it fails.")
        {
            id,
        };
        command.Does((parsed, cancel) => With(parsed, async client =>
        {
            var answer = await client.Send(HttpMethod.Post, $"{Path(parsed.GetValue(id))}/ping", body: null, cancel);
            Console.WriteLine($"{answer!["error"] ?? answer["statusCode"]}");
            return answer["error"] is null ? 0 : 1;
        }));
        return command;
    }

    private static Task<int> With(ParseResult parsed, Func<ServerClient, Task<int>> work) =>
        ServerClient.Use(parsed, Server, work);

    private static Argument<Guid> Id() => new("WEBHOOK") { Description = "The webhook's id; list shows it." };

    private static Argument<Guid> DeliveryId() =>
        new("DELIVERY") { Description = "The delivery's id; deliveries shows it." };

    private static Option<string[]> Types() => new("--events")
    {
        Description = "Types of events, such as order_executed; all without it.",
        AllowMultipleArgumentsPerToken = true,
    };

    private static Option<string?> Description() => new("--description") { Description = "What it is for." };

    private static JsonArray Array(IEnumerable<string> texts) => [.. texts.Select(text => JsonValue.Create(text))];

    private static string Path(Guid webhookId) => $"/api/webhooks/{webhookId}";

    private static string[] Cells(JsonNode webhook)
    {
        var types = string.Join(' ', webhook["eventTypes"]!.AsArray().Select(type => $"{type}"));
        return
        [
            $"{webhook["webhookId"]}", $"{webhook["url"]}", types.Length == 0 ? "all" : types,
            webhook["portfolioId"] is { } portfolio ? $"{portfolio}" : "all", $"{webhook["active"]}",
            $"{webhook["pending"]}", $"{webhook["dead"]}",
        ];
    }
}

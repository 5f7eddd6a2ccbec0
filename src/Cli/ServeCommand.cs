using System.CommandLine;
using System.Net;
using Bifrost.Api;
using Bifrost.Api.Access;
using Bifrost.Workers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Hosting;

namespace Bifrost.Cli;

internal static class ServeCommand
{
    public static Command Create()
    {
        var listen = new Option<string>("--listen")
        {
            Description = "The address to listen on. Anything but loopback needs API keys or a token issuer.",
            DefaultValueFactory = _ => "127.0.0.1",
        };
        var port = new Option<int>("--port")
        {
            Description = "The port; BIFROST_PORT or 8000 where nothing is said.",
            DefaultValueFactory = _ => Settings.Port,
        };
        var logs = new Option<string>("--logs")
        {
            Description = "How to log: text for people, json for machines.",
            DefaultValueFactory = _ => "text",
        };
        logs.AcceptOnlyFromAmong("text", "json");
        var command = new Command("serve", "Applies the schema and serves the API until it is stopped.")
        {
            listen, port, logs,
        };
        foreach (var option in FeedArguments.All)
            command.Options.Add(option);
        command.Does((parsed, cancel) => Serve(
            parsed.GetValue(listen)!,
            parsed.GetValue(port),
            parsed.GetValue(logs) == "json",
            FeedArguments.Read(parsed),
            cancel));
        return command;
    }

    private static async Task<int> Serve(
        string listen, int port, bool json, FeedOptions feeds, CancellationToken cancel)
    {
        if (!IPAddress.TryParse(listen, out var address))
            throw new OperatorException($"--listen takes an IP address, not '{listen}'.");
        await SchemaCommand.Apply(Settings.Database, Console.Out, cancel);
        await using var app = BifrostServer.Create(
            new ServerOptions(Settings.Database, $"http://{new IPEndPoint(address, port)}", json, Settings.Redis)
            {
                Feeds = feeds,
                Audit = Settings.Audit,
                Access = Settings.Access,
            });
        try
        {
            await app.StartAsync(cancel);
        }
        catch (IOException e) when (e.InnerException is AddressInUseException)
        {
            throw new OperatorException(
                $"Port {port} is taken. Set BIFROST_PORT to another, or stop what listens there.");
        }
        catch (UnprotectedException e)
        {
            throw new OperatorException(e.Message);
        }
        WarnWhereOpen(app);
        foreach (var url in app.Urls)
            Console.WriteLine($"Bifrost serves on {url}  (API: {url}/docs, metrics: {url}/metrics). Ctrl-C stops it.");
        if (feeds.SimulatedSeed is not null)
        {
            Console.WriteLine(
                "The market is SIMULATED: made-up prices of SIM.ALFA, SIM.BRAVO and others, a bar a minute; "
                + "--feed none closes it.");
        }
        await app.WaitForShutdownAsync(cancel);
        return 0;
    }

    private static void WarnWhereOpen(WebApplication app)
    {
        if (!BifrostServer.IsOpen(app))
            return;
        Console.Error.WriteLine(
            "WARNING: no authentication is configured: every program on this machine that reaches the port is "
            + "the operator and can trade. ./bifrost keys create makes the first key; after a restart all callers "
            + "need one.");
    }
}

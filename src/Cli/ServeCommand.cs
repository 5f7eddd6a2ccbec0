using System.CommandLine;
using System.Net;
using Bifrost.Api;
using Bifrost.Api.Access;
using Bifrost.Api.Operations;
using Bifrost.Grains;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Runtime;

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
        var cluster = new Option<string?>("--cluster")
        {
            Description = "Be a node of the cluster of this name: any number of processes over one database, each of "
                + "which takes every command. docs/cluster.md tells how they reach each other.",
        };
        var command = new Command("serve", "Applies the schema and serves the API until it is stopped.")
        {
            listen, port, logs, cluster,
        };
        foreach (var option in FeedArguments.All)
            command.Options.Add(option);
        command.Does(async (parsed, cancel) =>
        {
            var (address, number) = (parsed.GetValue(listen)!, parsed.GetValue(port));
            if (!IPAddress.TryParse(address, out var place))
                throw new OperatorException($"--listen takes an IP address, not '{address}'.");
            var url = $"http://{new IPEndPoint(place, number)}";
            return await Serve(
                new ServerOptions(Settings.Database, url, parsed.GetValue(logs) == "json", Settings.Redis)
                {
                    Feeds = FeedArguments.Read(parsed),
                    Audit = Settings.Audit,
                    Access = Settings.Access,
                    Webhooks = Settings.Webhooks,
                    Loads = Settings.Loads,
                    Limits = Settings.Limits,
                    Cluster = Settings.Cluster(parsed.GetValue(cluster)),
                },
                cancel);
        });
        return command;
    }

    private static async Task<int> Serve(ServerOptions options, CancellationToken cancel)
    {
        await SchemaCommand.Apply(Settings.Database, Console.Out, cancel);
        while (await ServeOnce(options, cancel) is { } reason)
        {
            if (options.Cluster is null)
                throw new OperatorException($"The server cannot go on: {reason}");
            Console.Error.WriteLine($"The cluster gave this node up, it joins again as a new one. ({reason})");
        }
        return 0;
    }

    /// <returns>Why the node ended by itself; null where it was asked to.</returns>
    private static async Task<string?> ServeOnce(ServerOptions options, CancellationToken cancel)
    {
        await using var app = BifrostServer.Create(options);
        try
        {
            await app.StartAsync(cancel);
        }
        catch (IOException e) when (e.InnerException is AddressInUseException)
        {
            throw new OperatorException(
                $"{options.Urls} is taken. Set BIFROST_PORT to another port, or stop what listens there.");
        }
        catch (UnprotectedException e)
        {
            throw new OperatorException(e.Message);
        }
        catch (Exception e) when (options.Cluster is not null && !cancel.IsCancellationRequested
            && e is OrleansException or OperationCanceledException)
        {
            throw new OperatorException(
                $"This node did not get into the cluster '{options.Cluster!.Name}'. All of its nodes have to reach "
                + "each other (BIFROST_CLUSTER_ADDRESS, BIFROST_CLUSTER_PORT) and to show the same certificate "
                + "(BIFROST_CLUSTER_CERTIFICATE), or none; what is logged above says which of it failed.");
        }
        WarnWhereOpen(app);
        foreach (var url in app.Urls)
            Console.WriteLine($"Bifrost serves on {url}  (API: {url}/docs, metrics: {url}/metrics). Ctrl-C stops it.");
        if (options.Cluster is { } cluster)
            Console.WriteLine($"This is a node of the cluster '{cluster.Name}'; {NodesUrl(app)} shows all of them.");
        if (options.Feeds.SimulatedSeed is not null)
        {
            Console.WriteLine(
                "The market is SIMULATED: made-up prices of SIM.ALFA, SIM.BRAVO and others, a bar a minute; "
                + "--feed none closes it.");
        }
        await app.WaitForShutdownAsync(cancel);
        return app.Services.GetRequiredService<NodeEnd>().Reason;
    }

    private static string NodesUrl(WebApplication app) => $"{app.Urls.First()}{NodesPages.Path}/";

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

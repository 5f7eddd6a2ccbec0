using System.Collections.Concurrent;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Bifrost.Webhooks.Tests;

/// <summary>A request that a receiver was sent.</summary>
public sealed record Told(string Id, string Timestamp, string Signature, string Body)
{
    public JsonNode Json => JsonNode.Parse(Body)!;

    public long Sequence => Json["sequence"]!.GetValue<long>();
}

/// <summary>A program that is told of events, and answers as a test wants it to.</summary>
public sealed class Receiver : IAsyncDisposable
{
    private readonly WebApplication app;

    private Receiver(WebApplication app) => this.app = app;

    public ConcurrentQueue<Told> Requests { get; } = [];

    /// <summary>What is answered to a request, whose number from 1 is given.</summary>
    public Func<HttpContext, int, int> Answer { get; set; } = (_, _) => 204;

    public string Url => $"{app.Urls.Single()}/told";

    public IEnumerable<long> Sequences => Requests.Select(told => told.Sequence);

    public static async Task<Receiver> Start()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var receiver = new Receiver(builder.Build());
        receiver.app.Run(receiver.Take);
        await receiver.app.StartAsync();
        return receiver;
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();

    private async Task Take(HttpContext http)
    {
        using var reader = new StreamReader(http.Request.Body, Encoding.UTF8);
        var headers = http.Request.Headers;
        Requests.Enqueue(new Told(
            $"{headers["webhook-id"]}", $"{headers["webhook-timestamp"]}", $"{headers["webhook-signature"]}",
            await reader.ReadToEndAsync()));
        http.Response.StatusCode = Answer(http, Requests.Count);
        if (http.Response.StatusCode != 204)
            await http.Response.WriteAsync("what the receiver says");
    }
}

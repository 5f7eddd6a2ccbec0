using System.Net;
using System.Net.ServerSentEvents;
using System.Text.Json.Nodes;

namespace Bifrost.Api.Tests.Events;

/// <summary>A client of an event stream, which reads it by the framework's own parser.</summary>
internal sealed class EventListener : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly HttpClient http;
    private readonly HttpResponseMessage response;
    private readonly SseParser<string> parser;
    private readonly IAsyncEnumerator<SseItem<string>> messages;

    private EventListener(HttpClient http, HttpResponseMessage response, Stream body)
    {
        (this.http, this.response) = (http, response);
        parser = SseParser.Create(body);
        messages = parser.EnumerateAsync().GetAsyncEnumerator();
    }

    public HttpResponseMessage Response => response;

    /// <summary>What the client would come back with.</summary>
    public string LastEventId => parser.LastEventId;

    /// <returns>A client that misses nothing that is committed from now on.</returns>
    public static async Task<EventListener> Open(
        Uri server, string query = "", string? lastEventId = null, string? key = null)
    {
        var http = new HttpClient { BaseAddress = server };
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/events?{query}");
        if (lastEventId is not null)
            request.Headers.Add("Last-Event-ID", lastEventId);
        if (key is not null)
            request.Headers.Authorization = new("Bearer", key);
        var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead).WaitAsync(Patience);
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        return new EventListener(http, response, await response.Content.ReadAsStreamAsync());
    }

    /// <summary>The next message, whatever it is; null at the end of the stream.</summary>
    public async Task<SseItem<string>?> Next() =>
        await messages.MoveNextAsync().AsTask().WaitAsync(Patience) ? messages.Current : null;

    /// <summary>The next events of the ledger; prices in between are passed over.</summary>
    public async Task<List<JsonNode>> Events(int count)
    {
        var events = new List<JsonNode>();
        while (events.Count < count)
        {
            var message = await Next() ?? throw new InvalidOperationException("The stream ended.");
            if (message.EventType == "price.updated")
                continue;
            var data = JsonNode.Parse(message.Data)!;
            data["sequence"]!.ToString().ShouldBe(message.EventId);
            data["type"]!.ToString().ShouldBe(message.EventType);
            events.Add(data);
        }
        return events;
    }

    public async Task<List<long>> Sequences(int count) =>
        [.. (await Events(count)).Select(data => data["sequence"]!.GetValue<long>())];

    /// <summary>The prices of the next message, which has to be one of prices.</summary>
    public async Task<List<(string Symbol, string Price)>> Prices()
    {
        var message = await Next() ?? throw new InvalidOperationException("The stream ended.");
        message.EventType.ShouldBe("price.updated");
        message.EventId.ShouldBeNull();
        return
        [
            .. JsonNode.Parse(message.Data)!["prices"]!.AsArray()
                .Select(price => (price!["symbol"]!.ToString(), price["price"]!.GetValue<string>())),
        ];
    }

    public async ValueTask DisposeAsync()
    {
        // Ends the connection first: the parser would wait for the rest of the stream.
        response.Dispose();
        http.Dispose();
        try
        {
            await messages.DisposeAsync();
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or NotSupportedException)
        {
            // It was reading.
        }
    }
}

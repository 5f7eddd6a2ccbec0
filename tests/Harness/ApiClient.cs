using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace Bifrost.Harness;

/// <summary>An answer of the server, with its body read.</summary>
public sealed record ApiAnswer(HttpStatusCode Status, JsonNode? Body, HttpResponseHeaders Headers, string? ContentType)
{
    public JsonNode this[string field] => Body![field]!;

    public int Id(string field) => this[field].GetValue<int>();

    public long Number(string field) => this[field].GetValue<long>();

    public decimal Amount(string field) =>
        decimal.Parse(this[field].GetValue<string>(), System.Globalization.CultureInfo.InvariantCulture);

    public string Text(string field) => this[field].GetValue<string>();

    /// <summary>The stable part of a problem's type.</summary>
    public string Slug => Text("type").Split('#')[1];

    public bool IsReplayed => Headers.Contains("Idempotency-Replayed");

    /// <summary>What came, for a test that did not expect it.</summary>
    public override string ToString() =>
        $"{(int)Status}{(IsReplayed ? " replayed" : "")} {Body?.ToJsonString()}";

    public JsonArray Items => this["items"].AsArray();

    /// <summary>The answer, if it is a success; else a failure that says what came instead.</summary>
    public ApiAnswer Expect(HttpStatusCode status) => Status == status
        ? this
        : throw new InvalidOperationException($"{(int)Status} came, {(int)status} was due: {Body?.ToJsonString()}");
}

/// <summary>A caller of the API, as small as curl.</summary>
/// <param name="key">A key or token to show; null for a caller that shows none.</param>
public sealed class ApiClient(Uri server, string? key = null) : IDisposable
{
    private readonly HttpClient http = new(new SocketsHttpHandler { MaxConnectionsPerServer = 256 })
    {
        BaseAddress = server,
        DefaultRequestHeaders = { Authorization = key is null ? null : new("Bearer", key) },
    };

    public Task<ApiAnswer> Get(string path) => Send(HttpMethod.Get, path, null);

    public Task<ApiAnswer> Post(string path, object? body = null, string? key = null, string? ifMatch = null) =>
        Send(HttpMethod.Post, path, body, key, ifMatch);

    public Task<ApiAnswer> Patch(string path, object? body, string? key = null, string? ifMatch = null) =>
        Send(HttpMethod.Patch, path, body, key, ifMatch);

    public Task<ApiAnswer> Delete(string path, string? key = null) => Send(HttpMethod.Delete, path, null, key);

    /// <summary>Sends a body as it stands, however wrong it is.</summary>
    public async Task<ApiAnswer> SendRaw(
        HttpMethod method, string path, string body, string contentType = "application/json")
    {
        using var content = new StringContent(body, Encoding.UTF8);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        using var request = new HttpRequestMessage(method, path) { Content = content };
        // What is too large is refused before it is sent: a server that closes meanwhile would not be heard.
        request.Headers.ExpectContinue = true;
        return await Read(await http.SendAsync(request));
    }

    /// <summary>Sends a request of the test's own making.</summary>
    public async Task<ApiAnswer> Send(HttpRequestMessage request)
    {
        using (request)
            return await Read(await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead));
    }

    private async Task<ApiAnswer> Send(
        HttpMethod method, string path, object? body, string? key = null, string? ifMatch = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            var json = System.Text.Json.JsonSerializer.Serialize(body);
            request.Content = new StringContent(json, Encoding.UTF8, "application/json");
        }
        if (key is not null)
            request.Headers.TryAddWithoutValidation("Idempotency-Key", key);
        if (ifMatch is not null)
            request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        return await Read(await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead));
    }

    private static async Task<ApiAnswer> Read(HttpResponseMessage response)
    {
        using (response)
        {
            var type = response.Content.Headers.ContentType?.MediaType;
            // A stream has no end.
            var text = type == "text/event-stream" ? "" : await response.Content.ReadAsStringAsync();
            var isJson = type is not null && type.Contains("json", StringComparison.Ordinal);
            var body = isJson ? JsonNode.Parse(text) : null;
            return new ApiAnswer(response.StatusCode, body, response.Headers, type);
        }
    }

    /// <summary>A portfolio with cash in it.</summary>
    public async Task<int> OpenPortfolio(
        decimal cash, string lotMethod = "FIFO", bool allowShort = false, int userId = 1)
    {
        var opened = await Post(
            "/api/portfolios", new { userId, name = $"Portfolio {Guid.NewGuid()}", lotMethod, allowShort });
        var portfolioId = opened.Expect(HttpStatusCode.Created).Id("portfolioId");
        if (cash > 0)
        {
            var funded = await Post($"/api/portfolios/{portfolioId}/funding", new { type = "DEPOSIT", amount = cash });
            funded.Expect(HttpStatusCode.Created);
        }
        return portfolioId;
    }

    public Task<ApiAnswer> PlaceOrder(
        int portfolioId, string side, string symbol, decimal quantity, decimal limitPrice) =>
        Post($"/api/portfolios/{portfolioId}/orders", new { symbol, side, type = "LIMIT", quantity, limitPrice });

    public Task<ApiAnswer> Execute(int orderId, string executionId, decimal quantity, decimal price) =>
        Post($"/api/orders/{orderId}/executions", new { executionId, quantity, price });

    public void Dispose() => http.Dispose();
}

using System.CommandLine;
using System.Net.Http.Json;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Bifrost.Cli;

/// <summary>A running server, as any client of the API sees it.</summary>
internal sealed class ServerClient(Uri server) : IDisposable
{
    private readonly HttpClient http = new()
    {
        BaseAddress = server,
        DefaultRequestHeaders = { Authorization = Settings.ApiKey is { } key ? new("Bearer", key) : null },
    };

    // For a terminal, not for a page.
    private static readonly JsonSerializerOptions Indented =
        new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The option by which a command, and those below it, are told of the server.</summary>
    public static Option<string> Option() => new("--server")
    {
        Description = "The running server; BIFROST_API_KEY is shown to it, if set.",
        DefaultValueFactory = _ => $"http://127.0.0.1:{Settings.Port}",
        Recursive = true,
    };

    /// <summary>Does some work with the server that a command line names.</summary>
    /// <returns>The exit code that the work gives.</returns>
    public static async Task<int> Use(
        ParseResult parsed, Option<string> server, Func<ServerClient, Task<int>> work)
    {
        using var client = new ServerClient(Address(parsed.GetValue(server)!));
        return await work(client);
    }

    /// <summary>An answer for people to read.</summary>
    public static string Pretty(JsonNode answer) => answer.ToJsonString(Indented);

    /// <exception cref="OperatorException">It is no address.</exception>
    public static Uri Address(string server) =>
        Uri.TryCreate(server, UriKind.Absolute, out var address) && address.Scheme is ("http" or "https")
            ? address!
            : throw new OperatorException($"--server takes an address such as http://127.0.0.1:8000, not '{server}'.");

    /// <returns>The answer; null where it has no content.</returns>
    /// <exception cref="OperatorException">The server refused it; the message is the server's.</exception>
    public async Task<JsonNode?> Send(
        HttpMethod method, string path, object? body = null, CancellationToken cancel = default)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
            request.Content = JsonContent.Create(body);
        using var response = await http.SendAsync(request, cancel);
        var text = await response.Content.ReadAsStringAsync(cancel);
        var answer = text.Length == 0 ? null : JsonNode.Parse(text);
        if (response.IsSuccessStatusCode)
            return answer;
        throw new OperatorException(
            $"{method} {path} was refused: {answer?["detail"] ?? (int)response.StatusCode}");
    }

    public async Task<JsonNode> Get(string path, CancellationToken cancel) =>
        (await Send(HttpMethod.Get, path, body: null, cancel))!;

    /// <summary>Takes what is at a path to a file.</summary>
    public async Task Download(string path, Stream output, CancellationToken cancel)
    {
        using var response = await http.GetAsync(path, HttpCompletionOption.ResponseHeadersRead, cancel);
        if (!response.IsSuccessStatusCode)
        {
            var answer = await response.Content.ReadFromJsonAsync<JsonObject>(cancel);
            throw new OperatorException($"GET {path} was refused: {answer?["detail"]}");
        }
        await response.Content.CopyToAsync(output, cancel);
    }

    public void Dispose() => http.Dispose();
}

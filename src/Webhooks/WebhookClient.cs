using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;

namespace Bifrost.Webhooks;

/// <summary>What came of a request to a receiver.</summary>
/// <param name="StatusCode">Null where no answer came.</param>
/// <param name="Error">Null where the receiver has taken it.</param>
/// <param name="RetryAfter">How long the receiver wants to be left alone.</param>
public sealed record Answer(int? StatusCode, string? Error, TimeSpan? RetryAfter = null)
{
    public bool IsTaken => Error is null;

    /// <summary>The receiver says that it will never take anything again.</summary>
    public bool IsGone => StatusCode == (int)HttpStatusCode.Gone;
}

/// <summary>Makes requests to receivers, signed as Standard Webhooks has it.</summary>
public sealed class WebhookClient : IDisposable
{
    // Of an answer that is kept.
    private const int MostCharacters = 500;

    private static readonly TimeSpan LongestRetryAfter = TimeSpan.FromHours(24);

    private readonly WebhookOptions options;
    private readonly TimeProvider clock;
    private readonly HttpClient http;

    public WebhookClient(WebhookOptions options, TimeProvider clock)
    {
        (this.options, this.clock) = (options, clock);
        http = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            // A proxy would look names up by itself, where nobody sees what they stand for.
            UseProxy = false,
            UseCookies = false,
            ConnectTimeout = options.Timeout,
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
            MaxResponseHeadersLength = 16,
            ConnectCallback = Connect,
        })
        {
            // Each request has its own.
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    /// <param name="id">The same each time that the same is told, so that a receiver may pass over what it has.</param>
    public async Task<Answer> Post(
        Uri url, string secret, string id, ReadOnlyMemory<byte> body, CancellationToken cancel)
    {
        using var request = Request(url, secret, id, body);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(options.Timeout);
        try
        {
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
            var status = (int)response.StatusCode;
            return response.IsSuccessStatusCode
                ? new Answer(status, null)
                : new Answer(status, $"{status}: {await Beginning(response, limit.Token)}".TrimEnd(' ', ':'),
                    RetryAfter(response));
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return new Answer(
                null,
                string.Create(CultureInfo.InvariantCulture, $"No answer within {options.Timeout.TotalSeconds} s."));
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return new Answer(null, Cut((e.InnerException ?? e).Message));
        }
    }

    public void Dispose() => http.Dispose();

    private HttpRequestMessage Request(Uri url, string secret, string id, ReadOnlyMemory<byte> body)
    {
        var timestamp = clock.GetUtcNow().ToUnixTimeSeconds();
        var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ReadOnlyMemoryContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("Bifrost", null));
        request.Headers.Add("webhook-id", id);
        request.Headers.Add("webhook-timestamp", timestamp.ToString(CultureInfo.InvariantCulture));
        request.Headers.Add("webhook-signature", WebhookSecret.Sign(secret, id, timestamp, body.Span));
        return request;
    }

    // Looked at here and not before, because a name may stand for something else from one look to the next.
    private async ValueTask<Stream> Connect(SocketsHttpConnectionContext context, CancellationToken cancel)
    {
        var (host, port) = (context.DnsEndPoint.Host, context.DnsEndPoint.Port);
        var addresses = await Dns.GetHostAddressesAsync(host, cancel);
        var allowed = options.AllowsPrivate ? addresses : [.. addresses.Where(PublicAddress.Is)];
        if (allowed.Length == 0)
            throw new IOException($"{host} is a private address, which this server does not call.");
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(allowed, port, cancel);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private TimeSpan? RetryAfter(HttpResponseMessage response)
    {
        if (response.StatusCode is not (HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable))
            return null;
        var wait = response.Headers.RetryAfter switch
        {
            { Delta: { } delta } => delta,
            { Date: { } date } => date - clock.GetUtcNow(),
            _ => (TimeSpan?)null,
        };
        return wait is not { } asked || asked <= TimeSpan.Zero ? null
            : asked < LongestRetryAfter ? asked : LongestRetryAfter;
    }

    private static async Task<string> Beginning(HttpResponseMessage response, CancellationToken cancel)
    {
        var buffer = new byte[4 * MostCharacters];
        await using var body = await response.Content.ReadAsStreamAsync(cancel);
        var length = await body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancel);
        return Cut(Encoding.UTF8.GetString(buffer, 0, length));
    }

    // The database keeps no NUL, and a list no line breaks.
    private static string Cut(string text)
    {
        var line = string.Concat(text.Take(MostCharacters).Select(c => char.IsControl(c) ? ' ' : c));
        return char.IsHighSurrogate(line.LastOrDefault()) ? line[..^1] : line;
    }
}

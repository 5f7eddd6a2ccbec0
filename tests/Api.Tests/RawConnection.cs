using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Bifrost.Harness;

namespace Bifrost.Api.Tests;

/// <summary>A connection on which a test says exactly what is sent, and when it ends.</summary>
internal sealed class RawConnection : IDisposable
{
    private readonly TcpClient client = new();
    private readonly NetworkStream stream;

    public RawConnection(Uri server)
    {
        client.Connect(server.Host, server.Port);
        stream = client.GetStream();
    }

    public static string Post(string path, int length) =>
        $"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n"
        + "Connection: close\r\n\r\n";

    public static string PostChunked(string path) =>
        $"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n"
        + "Connection: close\r\n\r\n";

    public Task Send(string text) => stream.WriteAsync(Encoding.UTF8.GetBytes(text)).AsTask();

    /// <summary>Says that nothing more comes, and still listens.</summary>
    public void EndSending() => client.Client.Shutdown(SocketShutdown.Send);

    /// <summary>Breaks the connection off, as a crashed caller's machine does.</summary>
    public void Break()
    {
        client.Client.LingerState = new LingerOption(true, 0);
        client.Close();
    }

    /// <summary>What came until the server closed the connection.</summary>
    public async Task<string> ReadToEnd()
    {
        using var received = new MemoryStream();
        try
        {
            await stream.CopyToAsync(received);
        }
        catch (IOException)
        {
            // Reset by the server, which had said what it had to say.
        }
        return Encoding.UTF8.GetString(received.ToArray());
    }

    /// <summary>What came until a text had come; the connection stays open.</summary>
    public async Task<string> ReadUntil(string text)
    {
        var received = new StringBuilder();
        var buffer = new byte[8192];
        while (!received.ToString().Contains(text, StringComparison.Ordinal))
        {
            var read = await stream.ReadAsync(buffer);
            if (read == 0)
                throw new InvalidOperationException($"The connection ended before '{text}' came: {received}");
            received.Append(Encoding.UTF8.GetString(buffer, 0, read));
        }
        return received.ToString();
    }

    /// <summary>The answer, read as far as a problem goes; the server may leave the connection open.</summary>
    public async Task<(int Status, JsonNode Body)> ReadProblem()
    {
        var received = new StringBuilder();
        var buffer = new byte[8192];
        while (true)
        {
            var text = received.ToString();
            var (from, to) = (text.IndexOf("\r\n\r\n{", StringComparison.Ordinal), text.LastIndexOf('}'));
            from = from < 0 ? text.IndexOf("\r\n{", StringComparison.Ordinal) : from;
            if (from > 0 && to > from)
            {
                var status = int.Parse(text.AsSpan(9, 3), CultureInfo.InvariantCulture);
                return (status, JsonNode.Parse(text[text.IndexOf('{', from)..(to + 1)])!);
            }
            var read = await stream.ReadAsync(buffer);
            if (read == 0)
                throw new InvalidOperationException($"The connection ended before a problem came: {text}");
            received.Append(Encoding.UTF8.GetString(buffer, 0, read));
        }
    }

    public void Dispose() => client.Dispose();
}

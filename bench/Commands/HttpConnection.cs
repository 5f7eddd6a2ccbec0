using System.Buffers.Text;
using System.Net.Sockets;
using System.Text;

namespace Bifrost.Bench.Commands;

/// <summary>
/// One keep-alive connection that posts JSON and reads the answer, and does nothing that is not needed for it: the load
/// shares its processors with the server, and HttpClient costs half as much again for each command.
/// </summary>
internal sealed class HttpConnection : IDisposable
{
    private readonly Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] request = new byte[2048];
    private readonly byte[] answer = new byte[16 * 1024];
    private readonly string host;

    private HttpConnection(Uri server) => host = server.Authority;

    public static async Task<HttpConnection> Open(Uri server)
    {
        var connection = new HttpConnection(server);
        await connection.socket.ConnectAsync(server.Host, server.Port);
        return connection;
    }

    /// <summary>Posts, and reads the whole answer.</summary>
    /// <param name="key">The idempotency key, if any.</param>
    /// <returns>The number that the answer gives under <paramref name="field"/>.</returns>
    /// <exception cref="RefusedException">The answer is not 201.</exception>
    public async Task<int> Post(string path, string json, string? key, string field)
    {
        var length = Encoding.ASCII.GetBytes(
            $"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
                + (key is null ? "" : $"Idempotency-Key: {key}\r\n")
                + $"Content-Length: {json.Length}\r\n\r\n{json}",
            request);
        await socket.SendAsync(request.AsMemory(0, length));
        var read = 0;
        do
        {
            var received = await socket.ReceiveAsync(answer.AsMemory(read));
            if (received == 0)
                throw new IOException("The server closed the connection.");
            read += received;
        }
        while (!IsWhole(answer.AsSpan(0, read)));
        return NumberOf(answer.AsSpan(0, read), field);
    }

    public void Dispose() => socket.Dispose();

    private static bool IsWhole(ReadOnlySpan<byte> read)
    {
        var head = read.IndexOf("\r\n\r\n"u8);
        if (head < 0)
            return false;
        var lengthAt = read[..head].IndexOf("\r\nContent-Length: "u8);
        if (lengthAt < 0)
            return read.EndsWith("\r\n0\r\n\r\n"u8);
        _ = Utf8Parser.TryParse(read[(lengthAt + "\r\nContent-Length: "u8.Length)..], out int length, out _);
        return read.Length >= head + 4 + length;
    }

    // Where the body comes in chunks their sizes stand between, which does not matter to who looks for one number.
    private static int NumberOf(ReadOnlySpan<byte> answer, string field)
    {
        Span<byte> name = stackalloc byte[field.Length + 3];
        Encoding.ASCII.GetBytes($"\"{field}\":", name);
        var at = answer.IndexOf(name);
        return answer.StartsWith("HTTP/1.1 201 "u8) && at >= 0
            && Utf8Parser.TryParse(answer[(at + name.Length)..], out int number, out _)
            ? number
            : throw new RefusedException(Encoding.UTF8.GetString(answer));
    }
}

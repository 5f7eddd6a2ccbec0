using System.Buffers;
using System.Text;

namespace Bifrost.Api.Events;

/// <summary>
/// The text/event-stream format of the HTML standard. Written by hand, because the framework's own result serializes
/// each message for each stream and has no comments, by which a quiet stream shows that it lives.
/// </summary>
internal static class Sse
{
    public const string ContentType = "text/event-stream";

    /// <summary>Where a client that comes back goes on. It holds for the message that follows, or by itself.</summary>
    public static void WriteId(IBufferWriter<byte> body, long sequence) =>
        Encoding.UTF8.GetBytes($"id: {sequence}\n", body);

    /// <summary>The data, which may have no line break, and <see cref="EndMessage"/> have to follow.</summary>
    public static void BeginMessage(IBufferWriter<byte> body, string type) =>
        Encoding.UTF8.GetBytes($"event: {type}\ndata: ", body);

    public static void EndMessage(IBufferWriter<byte> body) => body.Write("\n\n"u8);

    /// <summary>Ends what has no data, which is no message: clients take its id and nothing else.</summary>
    public static void EndBlock(IBufferWriter<byte> body) => body.Write("\n"u8);

    /// <summary>A line that clients pass over, with which no message ends.</summary>
    public static void WriteComment(IBufferWriter<byte> body) => body.Write(":\n"u8);
}

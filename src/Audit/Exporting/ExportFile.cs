using System.Globalization;
using System.Text;
using System.Text.Json;
using Bifrost.EventStore;

namespace Bifrost.Audit.Exporting;

/// <summary>Reads an export in JSON Lines, in bounded memory and trusting nothing of it.</summary>
public sealed class ExportFile : IDisposable
{
    private readonly StreamReader reader;
    private readonly string name;
    private long lines;

    private ExportFile(string name, StreamReader reader) => (this.name, this.reader) = (name, reader);

    /// <summary>The log that it says to be of.</summary>
    public Guid Log { get; private set; }

    public bool IsWhole { get; private set; }

    /// <exception cref="AuditException">It is no such export.</exception>
    public static ExportFile Open(string name)
    {
        try
        {
            var file = new ExportFile(name, new StreamReader(name, new UTF8Encoding(false, true)));
            file.ReadHeader();
            return file;
        }
        catch (IOException e)
        {
            throw new AuditException($"{name} cannot be read: {e.Message}", e);
        }
    }

    /// <summary>The events in their order, with the hash that each says it follows.</summary>
    /// <exception cref="AuditException">A line is no event, or the export is cut off.</exception>
    public IEnumerable<(SealedEvent Event, byte[] Previous)> Events()
    {
        var events = 0L;
        while (true)
        {
            using var line = Next() ?? throw Broken("it ends without its last line: it was cut off", null);
            if (line.RootElement.TryGetProperty("events", out var counted))
            {
                if (counted.GetInt64() != events)
                    throw Broken($"it says that there are {counted} events, and {events} came", null);
                if (reader.ReadLine() is not null)
                    throw Broken("there is more behind its last line", null);
                yield break;
            }
            events++;
            yield return Event(line.RootElement);
        }
    }

    public void Dispose() => reader.Dispose();

    private void ReadHeader()
    {
        using var header = Next();
        if (header is null || !header.RootElement.TryGetProperty("format", out var format)
            || format.GetString() != JsonLinesExport.Format)
        {
            throw new AuditException(
                $"{name} is no export of Bifrost in JSON Lines: './bifrost audit export --format jsonl' makes one.");
        }
        Log = header.RootElement.GetProperty("log").GetGuid();
        IsWhole = !header.RootElement.EnumerateObject().Any(member => member.Name is "portfolioId" or "from" or "to");
    }

    private JsonDocument? Next()
    {
        lines++;
        try
        {
            return reader.ReadLine() is { } line ? JsonDocument.Parse(line) : null;
        }
        catch (Exception e) when (e is JsonException or DecoderFallbackException)
        {
            throw Broken("it is no JSON", e);
        }
    }

    private (SealedEvent Event, byte[] Previous) Event(JsonElement line)
    {
        try
        {
            var place = new EventOrder(
                line.GetProperty("version").GetInt64(), line.GetProperty("portfolioVersion").GetInt64());
            var origin = new HashedOrigin(
                line.GetProperty("actor").GetString(),
                line.GetProperty("commandId").GetString(),
                line.GetProperty("correlationId").GetString());
            var hashed = new HashedEvent(
                line.GetProperty("portfolioId").GetInt32(),
                place,
                line.GetProperty("stream").GetString()!,
                line.GetProperty("type").GetString()!,
                line.GetProperty("id").GetGuid(),
                Time(line.GetProperty("recordedAt").GetString()!),
                origin);
            var stored = new SealedEvent(
                line.GetProperty("sequence").GetInt64(),
                hashed,
                Encoding.UTF8.GetBytes(line.GetProperty("data").GetRawText()),
                Hash(line, "hash"));
            return (stored, Hash(line, "previousHash"));
        }
        catch (Exception e) when (e is KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw Broken("it is no event", e);
        }
    }

    // Only as it is hashed: another text for the same moment was not written by the ledger.
    private static DateTimeOffset Time(string text) =>
        DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind) is var time
        && EventHash.Text(time) == text
            ? time
            : throw new FormatException($"{text} is no time with microseconds in UTC.");

    private static byte[] Hash(JsonElement line, string member) =>
        Convert.FromHexString(line.GetProperty(member).GetString()!) is { Length: EventHash.Bytes } hash
            ? hash
            : throw new FormatException($"{member} has not the length of a hash.");

    private AuditException Broken(string problem, Exception? inner) =>
        new($"{name}, line {lines}: {problem}.", inner);
}

using System.Text;
using System.Text.Json;
using Bifrost.EventStore;

namespace Bifrost.Audit.Exporting;

/// <summary>An event as an export has it.</summary>
/// <param name="Previous">The hash that it says it follows.</param>
/// <param name="Index">Its place in the tree that the part is proved against; null where it is not proved.</param>
/// <param name="Gap">The nodes of the tree between the event before it in the part and this one.</param>
public sealed record ExportedEvent(SealedEvent Sealed, byte[] Previous, long? Index, IReadOnlyList<byte[]> Gap);

/// <summary>What the last line of a part proves.</summary>
/// <param name="Gap">The nodes of the tree behind its last event.</param>
/// <param name="Head">Proves which event was the portfolio's last one; null where nothing does.</param>
public sealed record ExportEnd(IReadOnlyList<byte[]> Gap, IReadOnlyList<byte[]>? Head);

/// <summary>Reads an export in JSON Lines, in bounded memory and trusting nothing of it.</summary>
/// <remarks>
/// A line has the members that it should have, in their order, each once and none beside them, so that nothing stands
/// in a file that was verified which nobody looked at.
/// </remarks>
public sealed class ExportFile : IDisposable
{
    // An event of a part carries at the most two hashes for each level of the tree.
    private const int MostNodes = 128;

    // Longer than any event; a file of one endless line is not read into memory.
    private const int LongestLine = 64 * 1024 * 1024;

    private static readonly string[] EventMembers =
    [
        "sequence", "portfolioId", "portfolioVersion", "stream", "version", "type", "id", "recordedAt", "actor",
        "commandId", "correlationId", "previousHash", "hash", "index", "gap", "data",
    ];

    private readonly ExportLines lines;
    private readonly string name;

    private ExportFile(string name, ExportLines lines) => (this.name, this.lines) = (name, lines);

    /// <summary>The log that it says to be of.</summary>
    public Guid Log { get; private set; }

    /// <summary>The part that it says to be.</summary>
    public ExportScope Scope { get; private set; } = new();

    /// <summary>The size of the anchor that it is proved against; null where it carries no proofs.</summary>
    public long? Size { get; private set; }

    /// <summary>Set once all events were read.</summary>
    public ExportEnd? End { get; private set; }

    /// <exception cref="AuditException">It is no such export.</exception>
    public static ExportFile Open(string name)
    {
        try
        {
            var file = new ExportFile(name, new ExportLines(name, LongestLine));
            file.Read(file.ReadHeader);
            return file;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new AuditException($"{name} cannot be read: {e.Message}", e);
        }
    }

    /// <summary>The events in their order.</summary>
    /// <exception cref="AuditException">A line is no event, or the export is cut off.</exception>
    public IEnumerable<ExportedEvent> Events()
    {
        var (events, last) = (0L, 0L);
        while (End is null)
        {
            var read = Read(line => line.TryGetProperty("events", out _) ? ReadEnd(line, events, last) : Event(line));
            if (read is null)
                continue;
            (events, last) = (events + 1, read.Sealed.Sequence);
            yield return read;
        }
        if (!lines.IsEnd())
            throw Broken("there is more behind its last line", null);
    }

    public void Dispose() => lines.Dispose();

    private void ReadHeader(JsonElement line)
    {
        if (!line.TryGetProperty("format", out var format) || format.GetString() != JsonLinesExport.Format)
        {
            throw new AuditException(
                $"{name} is no export of Bifrost in JSON Lines: './bifrost audit export --format jsonl' makes one.");
        }
        line.HasOnly("format", "log", "portfolioId?", "from?", "to?", "size?");
        Log = line.Id("log");
        Scope = new ExportScope
        {
            PortfolioId = line.TryGetProperty("portfolioId", out var id) ? id.GetInt32() : null,
            From = line.TryGetProperty("from", out _) ? line.Time("from").UtcDateTime : null,
            To = line.TryGetProperty("to", out _) ? line.Time("to").UtcDateTime : null,
        };
        Size = line.TryGetProperty("size", out var size) ? size.GetInt64() : null;
        if (Scope.IsWhole && Size is not null)
            throw new FormatException("all of the log needs no proofs");
    }

    private ExportedEvent? ReadEnd(JsonElement line, long events, long last)
    {
        line.HasOnly("events", "lastSequence", Size is null ? "" : "gap", Scope.PortfolioId is null ? "" : "head?");
        if (line.GetProperty("events").GetInt64() is var counted && counted != events)
            throw new FormatException($"it says that there are {counted} events, and {events} came");
        if (line.GetProperty("lastSequence").GetInt64() is var named && named != last)
            throw new FormatException($"it says that event {named} is the last, and {last} came last");
        End = new ExportEnd(
            Size is null ? [] : line.Hashes("gap", MostNodes),
            line.TryGetProperty("head", out _) ? line.Hashes("head", MostNodes) : null);
        return null;
    }

    private ExportedEvent Event(JsonElement line)
    {
        var isProved = line.TryGetProperty("index", out var index);
        if (isProved && Size is null)
            throw new FormatException("it names no anchor that it is proved against");
        line.HasOnly(isProved ? EventMembers : [.. EventMembers.Where(name => name is not ("index" or "gap"))]);
        var place = new EventOrder(
            line.GetProperty("version").GetInt64(), line.GetProperty("portfolioVersion").GetInt64());
        var origin = new HashedOrigin(
            line.GetProperty("actor").GetString(),
            line.GetProperty("commandId").GetString(),
            line.GetProperty("correlationId").GetString());
        var hashed = new HashedEvent(
            line.GetProperty("portfolioId").GetInt32(),
            place,
            line.Text("stream"),
            line.Text("type"),
            line.Id("id"),
            line.Time("recordedAt"),
            origin);
        var stored = new SealedEvent(
            line.GetProperty("sequence").GetInt64(),
            hashed,
            Encoding.UTF8.GetBytes(line.GetProperty("data").GetRawText()),
            line.Hash("hash"));
        return new ExportedEvent(
            stored,
            line.Hash("previousHash"),
            isProved ? index.GetInt64() : null,
            isProved ? line.Hashes("gap", MostNodes) : []);
    }

    private void Read(Action<JsonElement> what) => Read<object?>(line =>
    {
        what(line);
        return null;
    });

    private T Read<T>(Func<JsonElement, T> what)
    {
        try
        {
            using var line = JsonDocument.Parse(
                lines.Next() ?? throw new FormatException("it ends without its last line: it was cut off"),
                new JsonDocumentOptions { AllowDuplicateProperties = false });
            return what(line.RootElement);
        }
        catch (JsonException e)
        {
            throw Broken("it is no JSON", e);
        }
        catch (FormatException e)
        {
            throw Broken(e.Message, e);
        }
        catch (Exception e) when (e is KeyNotFoundException or InvalidOperationException)
        {
            throw Broken("it is not what such a line is", e);
        }
    }

    private AuditException Broken(string problem, Exception? inner) =>
        new($"{name}, line {lines.Count}: {problem.TrimEnd('.')}.", inner);
}

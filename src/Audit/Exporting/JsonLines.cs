using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Bifrost.EventStore;

namespace Bifrost.Audit.Exporting;

/// <summary>What of the log is exported.</summary>
/// <param name="PortfolioId">One portfolio; all where it is null.</param>
/// <param name="From">What was recorded from this moment on; from the beginning where it is null.</param>
/// <param name="To">What was recorded before this moment; to the end where it is null.</param>
public sealed record ExportScope(int? PortfolioId = null, DateTimeOffset? From = null, DateTimeOffset? To = null)
{
    /// <summary>Whether nothing is left out, so that anchors can be checked against it.</summary>
    public bool IsWhole => PortfolioId is null && From is null && To is null;

    public bool Has(DateTimeOffset recordedAt) => (From is null || recordedAt >= From) && (To is null || recordedAt < To);
}

/// <summary>
/// The history as JSON Lines, with all that is hashed: it can be verified where there is no server and no database.
/// docs/audit.md tells the format.
/// </summary>
public sealed class JsonLines(Stream output)
{
    internal const string Format = "bifrost export 1";

    private static readonly JsonWriterOptions Options = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true,
    };

    private readonly ArrayBufferWriter<byte> line = new();
    private readonly Dictionary<int, byte[]> heads = [];
    private long events;
    private long lastSequence;

    public async Task Begin(Guid log, ExportScope scope, CancellationToken cancel)
    {
        using (var json = new Utf8JsonWriter(line, Options))
        {
            json.WriteStartObject();
            json.WriteString("format", Format);
            json.WriteString("log", log);
            if (scope.PortfolioId is { } portfolioId)
                json.WriteNumber("portfolioId", portfolioId);
            if (scope.From is { } from)
                json.WriteString("from", from.UtcDateTime);
            if (scope.To is { } to)
                json.WriteString("to", to.UtcDateTime);
            json.WriteEndObject();
        }
        await EndLine(cancel);
    }

    /// <param name="isIncluded">False for an event that is only needed for what follows it.</param>
    public async ValueTask Add(SealedEvent e, bool isIncluded, CancellationToken cancel)
    {
        var portfolioId = e.Event.PortfolioId;
        var previous = heads.GetValueOrDefault(portfolioId, EventHash.Beginning);
        heads[portfolioId] = e.Hash;
        if (!isIncluded)
            return;
        WriteHead(e, previous);
        line.Write(",\"data\":"u8);
        line.Write(e.Payload);
        line.Write("}"u8);
        (events, lastSequence) = (events + 1, e.Sequence);
        await EndLine(cancel);
    }

    /// <summary>Writes the last line, without which an export is known to be cut off.</summary>
    public async Task End(CancellationToken cancel)
    {
        using (var json = new Utf8JsonWriter(line, Options))
        {
            json.WriteStartObject();
            json.WriteNumber("events", events);
            json.WriteNumber("lastSequence", lastSequence);
            json.WriteEndObject();
        }
        await EndLine(cancel);
        await output.FlushAsync(cancel);
    }

    // All but the end of the object, which the payload comes before.
    private void WriteHead(SealedEvent e, byte[] previous)
    {
        using var json = new Utf8JsonWriter(line, Options);
        json.WriteStartObject();
        json.WriteNumber("sequence", e.Sequence);
        json.WriteNumber("portfolioId", e.Event.PortfolioId);
        json.WriteNumber("portfolioVersion", e.Event.Place.PortfolioVersion);
        json.WriteString("stream", e.Event.Stream);
        json.WriteNumber("version", e.Event.Place.StreamVersion);
        json.WriteString("type", e.Event.Type);
        json.WriteString("id", e.Event.Id);
        json.WriteString("recordedAt", EventHash.Text(e.Event.RecordedAt));
        json.WriteString("actor", e.Event.Origin.Actor);
        json.WriteString("commandId", e.Event.Origin.CommandId);
        json.WriteString("correlationId", e.Event.Origin.CorrelationId);
        json.WriteString("previousHash", Convert.ToHexStringLower(previous));
        json.WriteString("hash", Convert.ToHexStringLower(e.Hash));
    }

    private async ValueTask EndLine(CancellationToken cancel)
    {
        line.Write("\n"u8);
        await output.WriteAsync(line.WrittenMemory, cancel);
        line.ResetWrittenCount();
    }
}

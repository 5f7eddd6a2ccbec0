using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Bifrost.EventStore;
using Npgsql;

namespace Bifrost.Audit.Exporting;

/// <summary>
/// The history as JSON Lines, with all that is hashed: it can be verified where there is no server and no database.
/// docs/audit.md tells the format.
/// </summary>
internal sealed class JsonLinesExport
{
    public const string Name = "jsonl";

    public const string Format = "bifrost export 1";

    private const string Identity = "SELECT id, (SELECT count(*) FROM ledger.portfolio_event) FROM ledger.log_identity";

    // Sent at once, so that a row is not a write.
    private const int Enough = 32 * 1024;

    private static readonly JsonWriterOptions Options = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true,
    };

    private readonly ExportRun run;
    private readonly ArrayBufferWriter<byte> line = new();
    private Dictionary<int, byte[]> heads = [];
    private long events;
    private long lastSequence;

    private JsonLinesExport(ExportRun run) => this.run = run;

    /// <exception cref="AuditException">The log has lost an event, or has one that nobody recorded.</exception>
    public static async Task Write(ExportRun run)
    {
        var export = new JsonLinesExport(run);
        var all = await export.Begin();
        var places = await export.Places();
        var done = 0L;
        await foreach (var batch in places)
        {
            foreach (var place in batch)
                await export.Add(place);
            run.Tell(done += batch.Count, all);
        }
        await export.End();
    }

    private async Task<IAsyncEnumerable<List<SealedPlace>>> Places()
    {
        var (connection, scope) = (run.Connection, run.Scope);
        if (scope.IsWhole)
            return SealedEvents.ReadAll(connection, run.Cancel);
        var bounds = await PartBounds.Find(connection, scope, run.Cancel);
        heads = await bounds.ReadBefore(connection, scope, run.Cancel);
        return scope.PortfolioId is { } portfolioId
            ? SealedEvents.ReadPortfolio(connection, portfolioId, bounds.First, bounds.Last, run.Cancel)
            : SealedEvents.ReadRange(connection, bounds.First, bounds.Last, run.Cancel);
    }

    private async Task<long> Begin()
    {
        var (log, all) = await ReadIdentity();
        using (var json = new Utf8JsonWriter(line, Options))
        {
            json.WriteStartObject();
            json.WriteString("format", Format);
            json.WriteString("log", log);
            if (run.Scope.PortfolioId is { } portfolioId)
                json.WriteNumber("portfolioId", portfolioId);
            if (run.Scope.From is { } from)
                json.WriteString("from", EventHash.Text(from));
            if (run.Scope.To is { } to)
                json.WriteString("to", EventHash.Text(to));
            if (run.Proofs is { } proofs)
                json.WriteNumber("size", proofs.Anchor.Size);
            json.WriteEndObject();
        }
        await EndLine();
        return all;
    }

    private async Task<(Guid Log, long Events)> ReadIdentity()
    {
        await using var command = new NpgsqlCommand(Identity, run.Connection);
        await using var reader = await command.ExecuteReaderAsync(run.Cancel);
        await reader.ReadAsync(run.Cancel);
        return (reader.GetGuid(0), reader.GetInt64(1));
    }

    private async ValueTask Add(SealedPlace place)
    {
        if (place.Event is not { } e)
        {
            throw new AuditException(
                $"Event {place.Sequence}: {place.Problem}. './bifrost audit verify' lists what else is wrong.");
        }
        var portfolioId = e.Event.PortfolioId;
        var previous = heads.GetValueOrDefault(portfolioId, EventHash.Beginning);
        heads[portfolioId] = e.Hash;
        WriteHead(e, previous);
        line.Write(",\"data\":"u8);
        line.Write(e.Payload);
        line.Write("}"u8);
        (events, lastSequence) = (events + 1, e.Sequence);
        await EndLine();
    }

    // Without this line an export is known to be cut off.
    private async Task End()
    {
        using (var json = new Utf8JsonWriter(line, Options))
        {
            json.WriteStartObject();
            json.WriteNumber("events", events);
            json.WriteNumber("lastSequence", lastSequence);
            if (run.Proofs is { } proofs)
                await WriteEnd(json, proofs);
            json.WriteEndObject();
        }
        await EndLine();
        await run.Output.WriteAsync(line.WrittenMemory, run.Cancel);
        line.ResetWrittenCount();
    }

    private async Task WriteEnd(Utf8JsonWriter json, PartProofs proofs)
    {
        Write(json, "gap", proofs.Rest());
        // Where an event from beyond the part's time ends it, nobody asks which is the last.
        if (run.Scope.PortfolioId is { } portfolioId && proofs.Last is { } last
            && !(last.Event.RecordedAt.UtcDateTime >= run.Scope.To)
            && await proofs.HeadPath(run.Connection, portfolioId, run.Cancel) is { } path)
            Write(json, "head", path);
    }

    private static void Write(Utf8JsonWriter json, string name, IReadOnlyList<byte[]> hashes)
    {
        json.WriteStartArray(name);
        foreach (var hash in hashes)
            json.WriteStringValue(Convert.ToHexStringLower(hash));
        json.WriteEndArray();
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
        if (run.Proofs?.Prove(e) is not (var index, var gap))
            return;
        json.WriteNumber("index", index);
        Write(json, "gap", gap);
    }

    private async ValueTask EndLine()
    {
        line.Write("\n"u8);
        if (line.WrittenCount < Enough)
            return;
        await run.Output.WriteAsync(line.WrittenMemory, run.Cancel);
        line.ResetWrittenCount();
    }
}

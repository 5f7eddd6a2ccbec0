using System.Text.Json;
using System.Text.Json.Serialization;
using Bifrost.Domain;
using Npgsql;
using NpgsqlTypes;

namespace Bifrost.Grains;

/// <summary>What a command was answered; kept in the transaction of its events.</summary>
public sealed record StoredAnswer(Effect Effect, Rejection? Rejection);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(StoredAnswer))]
internal sealed partial class ReceiptJson : JsonSerializerContext;

/// <summary>A kept answer, found again by its key.</summary>
internal sealed record Receipt(byte[] Fingerprint, Answer Answer);

internal static class Receipts
{
    /// <summary>The constraint that a repeated command meets.</summary>
    public const string KeyConstraint = "command_receipt_pkey";

    private const string Insert =
        """
        INSERT INTO ledger.command_receipt (key, fingerprint, portfolio_id, portfolio_version, answer, recorded_at)
        SELECT * FROM unnest($1::text[], $2::bytea[], $3::integer[], $4::bigint[], $5::text[], $6::timestamptz[])
        """;

    private const string Select =
        """
        SELECT r.key, r.fingerprint, r.portfolio_id, r.portfolio_version, r.answer, e.seq_id
        FROM ledger.command_receipt r
        JOIN ledger.portfolio_event e ON e.portfolio_id = r.portfolio_id AND e.version = r.portfolio_version
        WHERE r.key = ANY ($1)
        """;

    public static void AddTo(NpgsqlBatch batch, IReadOnlyList<Turn> turns)
    {
        var rows = (
            from turn in turns
            from decided in turn.Recorded
            from key in decided.Pending.Request.Identity.Keys
            select (key.Value, decided, turn)).ToList();
        var command = new NpgsqlBatchCommand(Insert);
        Add(command, NpgsqlDbType.Text, [.. rows.Select(row => row.Value)]);
        Add(command, NpgsqlDbType.Bytea, [.. rows.Select(row => row.decided.Pending.Request.Identity.Fingerprint)]);
        Add(command, NpgsqlDbType.Integer, [.. rows.Select(row => row.turn.PortfolioId)]);
        Add(command, NpgsqlDbType.Bigint, [.. rows.Select(row => row.decided.Version)]);
        Add(command, NpgsqlDbType.Text, [.. rows.Select(row => Write(row.decided))]);
        Add(command, NpgsqlDbType.TimestampTz, [.. rows.Select(row => row.turn.RecordedAt.UtcDateTime)]);
        batch.BatchCommands.Add(command);
    }

    /// <summary>The receipts that are there for any of the keys.</summary>
    public static async Task<Dictionary<string, Receipt>> Find(NpgsqlDataSource database, IEnumerable<string> keys)
    {
        await using var command = database.CreateCommand(Select);
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. keys] });
        await using var reader = await command.ExecuteReaderAsync();
        var found = new Dictionary<string, Receipt>();
        while (await reader.ReadAsync())
        {
            var stored = JsonSerializer.Deserialize(reader.GetString(4), ReceiptJson.Default.StoredAnswer)!;
            var answer = new Answer(
                reader.GetInt32(2), reader.GetInt64(3), reader.GetInt64(5), stored.Effect, stored.Rejection, true);
            found.Add(reader.GetString(0), new Receipt(reader.GetFieldValue<byte[]>(1), answer));
        }
        return found;
    }

    private static string Write(Decided decided) => JsonSerializer.Serialize(
        new StoredAnswer(decided.Effect, decided.Rejection), ReceiptJson.Default.StoredAnswer);

    private static void Add<T>(NpgsqlBatchCommand command, NpgsqlDbType type, T[] values) =>
        command.Parameters.Add(new NpgsqlParameter<T[]> { NpgsqlDbType = NpgsqlDbType.Array | type, TypedValue = values });
}

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
        SELECT unnest($1::text[]), unnest($2::bytea[]), unnest($3::integer[]), unnest($4::bigint[]), unnest($5::text[]),
               unnest($6::timestamptz[])
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
        var rows = new List<(string Key, Decided Decided, Turn Turn)>();
        foreach (var turn in turns)
        {
            foreach (var decided in turn.Recorded)
            {
                foreach (var key in decided.Pending.Request.Identity.Keys)
                    rows.Add((key.Value, decided, turn));
            }
        }
        var command = new NpgsqlBatchCommand(Insert);
        Add(command, NpgsqlDbType.Text, rows, row => row.Key);
        Add(command, NpgsqlDbType.Bytea, rows, row => row.Decided.Pending.Request.Identity.Fingerprint);
        Add(command, NpgsqlDbType.Integer, rows, row => row.Turn.PortfolioId);
        Add(command, NpgsqlDbType.Bigint, rows, row => row.Decided.Version);
        Add(command, NpgsqlDbType.Text, rows, row => Write(row.Decided));
        Add(command, NpgsqlDbType.TimestampTz, rows, row => row.Turn.RecordedAt.UtcDateTime);
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

    /// <summary>The answer to a key that comes again with other terms.</summary>
    /// <remarks>What is before its second colon is ours, and means nothing to its owner.</remarks>
    public static Rejection Reused(CommandKey key) =>
        new(key.Reused, $"'{key.Value.Split(':', 3)[^1]}' was used before, with other terms.");

    private static string Write(Decided decided) => JsonSerializer.Serialize(
        new StoredAnswer(decided.Effect, decided.Rejection), ReceiptJson.Default.StoredAnswer);

    private static void Add<T>(
        NpgsqlBatchCommand command,
        NpgsqlDbType type,
        List<(string Key, Decided Decided, Turn Turn)> rows,
        Func<(string Key, Decided Decided, Turn Turn), T> value)
    {
        var values = new T[rows.Count];
        for (var i = 0; i < values.Length; i++)
            values[i] = value(rows[i]);
        command.Parameters.Add(
            new NpgsqlParameter<T[]> { NpgsqlDbType = NpgsqlDbType.Array | type, TypedValue = values });
    }
}

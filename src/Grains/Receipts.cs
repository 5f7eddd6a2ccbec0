using System.Text.Json;
using System.Text.Json.Serialization;
using Bifrost.Domain;
using Bifrost.EventStore;
using Npgsql;
using Weasel.Storage;

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

/// <summary>Keeps what the commands of a batch are answered.</summary>
internal sealed class WriteReceipts(IReadOnlyList<Turn> turns) : LedgerOperation, NoDataReturnedCall
{
    private static readonly Statement Insert = new(
        """
        INSERT INTO ledger.command_receipt (key, fingerprint, portfolio_id, portfolio_version, answer, recorded_at)
        SELECT unnest(?::text[]), unnest(?::bytea[]), unnest(?::integer[]), unnest(?::bigint[]), unnest(?::text[]),
               unnest(?::timestamptz[])
        """);

    protected override void AddTo(Statements statements)
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
        statements.Add(
            Insert,
            SqlValue.Array(rows, row => row.Key),
            SqlValue.Array(rows, row => row.Decided.Pending.Request.Identity.Fingerprint),
            SqlValue.Array(rows, row => row.Turn.PortfolioId),
            SqlValue.Array(rows, row => row.Decided.Version),
            SqlValue.Array(rows, row => Write(row.Decided)),
            SqlValue.Array(rows, row => row.Turn.RecordedAt.UtcDateTime));
    }

    private static string Write(Decided decided) => JsonSerializer.Serialize(
        new StoredAnswer(decided.Effect, decided.Rejection), ReceiptJson.Default.StoredAnswer);
}

internal static class Receipts
{
    private const string Select =
        """
        SELECT r.key, r.fingerprint, r.portfolio_id, r.portfolio_version, r.answer, e.seq_id
        FROM ledger.command_receipt r
        JOIN ledger.portfolio_event e ON e.portfolio_id = r.portfolio_id AND e.version = r.portfolio_version
        WHERE r.key = ANY ($1)
        """;

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
}

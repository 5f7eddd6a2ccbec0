using System.Globalization;
using Npgsql;

namespace Bifrost.Audit.History;

/// <summary>
/// An event as it is stored, and never read as an event of this build: what only another build knows, or nobody, is
/// shown as well.
/// </summary>
public sealed record LoggedFact
{
    // The one place that says what is shown of an event, as it is stored; what Read takes has the same order.
    internal const string Columns =
        """
        e.seq_id, e.id, e.stream_id, e.version, e.type, e.data, e.data ->> 'occurredAt', e.timestamp, e.user_name,
        e.causation_id, e.correlation_id,
        (SELECT encode(own.hash, 'hex') FROM ledger.portfolio_event own WHERE own.seq_id = e.seq_id),
        (SELECT coalesce(encode(before.hash, 'hex'), repeat('0', 64))
         FROM ledger.portfolio_event own LEFT JOIN ledger.portfolio_event before
             ON before.portfolio_id = own.portfolio_id AND before.version = own.version - 1
         WHERE own.seq_id = e.seq_id)
        """;

    /// <summary>Its place in the whole log.</summary>
    public required long Sequence { get; init; }

    public required Guid Id { get; init; }

    public required string Stream { get; init; }

    /// <summary>Its place in its stream.</summary>
    public required long Version { get; init; }

    public required string Type { get; init; }

    /// <summary>The stored JSON, to the letter.</summary>
    public required string Data { get; init; }

    /// <summary>In UTC; null where the event does not say when it happened.</summary>
    public required DateTime? OccurredAt { get; init; }

    public required DateTime RecordedAt { get; init; }

    public required string Actor { get; init; }

    public required string CommandId { get; init; }

    public required string? CorrelationId { get; init; }

    /// <summary>Its place in the hash chain, 64 hexadecimal digits; null where no history has it.</summary>
    public required string? Hash { get; init; }

    /// <summary>The hash of the event before it in its portfolio; zeros where it is the first.</summary>
    public required string? PreviousHash { get; init; }

    internal static LoggedFact Read(NpgsqlDataReader row) => new()
    {
        Sequence = row.GetInt64(0),
        Id = row.GetGuid(1),
        Stream = Text(row, 2) ?? "",
        Version = row.GetInt64(3),
        Type = row.GetString(4),
        Data = row.GetString(5),
        OccurredAt = Time(Text(row, 6)),
        RecordedAt = row.GetDateTime(7),
        Actor = Text(row, 8) ?? "",
        CommandId = Text(row, 9) ?? "",
        CorrelationId = Text(row, 10),
        Hash = Text(row, 11),
        PreviousHash = Text(row, 12),
    };

    private static string? Text(NpgsqlDataReader row, int ordinal) =>
        row.IsDBNull(ordinal) ? null : row.GetString(ordinal);

    private static DateTime? Time(string? text) => DateTimeOffset.TryParse(
        text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time.UtcDateTime : null;
}

using Bifrost.Domain;
using Npgsql;
using NpgsqlTypes;

namespace Bifrost.EventStore;

/// <summary>Writes events of any number of streams as part of a batch, which is one transaction.</summary>
public static class EventAppend
{
    /// <summary>The constraint that two writers of one portfolio meet: the later one decided on an old state.</summary>
    public const string FenceConstraint = "portfolio_event_pkey";

    /// <summary>The constraint that two writers of one stream meet.</summary>
    public const string StreamConstraint = "pk_mt_events_stream_and_version";

    // Batches that hold this lock commit one after another, so events become visible in the order of their sequence
    // and a reader that has seen N never finds a smaller one later. It ends with the transaction, because behind a
    // transaction pooler a session's lock would outlive its owner.
    private const string Lock = "SELECT pg_advisory_xact_lock(4711001)";

    private const string Streams =
        """
        INSERT INTO events.mt_streams AS s (id, type, version, timestamp, created)
        SELECT u.id, u.type, u.version, u.at, u.at
        FROM unnest($1::varchar[], $2::varchar[], $3::bigint[], $4::timestamptz[]) AS u (id, type, version, at)
        ON CONFLICT (id) DO UPDATE SET version = EXCLUDED.version, timestamp = EXCLUDED.timestamp
        """;

    // One statement writes the log and the portfolio's index of it, so that both have the same sequence.
    private const string Events =
        """
        WITH numbered AS MATERIALIZED (
            SELECT nextval('events.mt_events_sequence') AS seq_id, u.*
            FROM unnest($1::uuid[], $2::varchar[], $3::bigint[], $4::jsonb[], $5::varchar[], $6::timestamptz[],
                        $7::varchar[], $8::varchar[], $9::varchar[], $10::varchar[], $11::integer[], $12::bigint[])
                AS u (id, stream_id, version, data, type, at, correlation_id, causation_id, user_name, dotnet_type,
                      portfolio_id, portfolio_version)
        ), logged AS (
            INSERT INTO events.mt_events (seq_id, id, stream_id, version, data, type, timestamp, correlation_id,
                                          causation_id, user_name, mt_dotnet_type)
            SELECT seq_id, id, stream_id, version, data, type, at, correlation_id, causation_id, user_name, dotnet_type
            FROM numbered
        ), placed AS (
            INSERT INTO ledger.portfolio_event (portfolio_id, version, seq_id)
            SELECT portfolio_id, portfolio_version, seq_id FROM numbered
        )
        SELECT seq_id FROM numbered
        """;

    /// <summary>Adds three statements; the last one returns the events' sequences, in their order.</summary>
    public static void AddTo(NpgsqlBatch batch, IReadOnlyList<NewEvent> events)
    {
        batch.BatchCommands.Add(new NpgsqlBatchCommand(Lock));
        AddStreams(batch, events);
        AddEvents(batch, events);
    }

    private static void AddStreams(NpgsqlBatch batch, IReadOnlyList<NewEvent> events)
    {
        var heads = new Dictionary<string, NewEvent>(events.Count);
        foreach (var e in events)
            heads[e.Data.Stream.Value] = e;
        // In the order of their names, so that two writers lock streams that they share in one order.
        var ordered = heads.OrderBy(head => head.Key, StringComparer.Ordinal).ToArray();
        var command = new NpgsqlBatchCommand(Streams);
        Add(command, NpgsqlDbType.Varchar, ordered, head => head.Key);
        Add(command, NpgsqlDbType.Varchar, ordered, head => TypeOf(head.Value.Data.Stream.Kind));
        Add(command, NpgsqlDbType.Bigint, ordered, head => head.Value.StreamVersion);
        Add(command, NpgsqlDbType.TimestampTz, ordered, head => head.Value.RecordedAt.UtcDateTime);
        batch.BatchCommands.Add(command);
    }

    private static void AddEvents(NpgsqlBatch batch, IReadOnlyList<NewEvent> events)
    {
        var command = new NpgsqlBatchCommand(Events);
        Add(command, NpgsqlDbType.Uuid, events, e => Guid.CreateVersion7(e.RecordedAt));
        Add(command, NpgsqlDbType.Varchar, events, e => e.Data.Stream.Value);
        Add(command, NpgsqlDbType.Bigint, events, e => e.StreamVersion);
        Add(command, NpgsqlDbType.Jsonb, events, e => e.Json);
        Add(command, NpgsqlDbType.Varchar, events, e => EventCatalog.Of(e.Data).Alias);
        Add(command, NpgsqlDbType.TimestampTz, events, e => e.RecordedAt.UtcDateTime);
        Add(command, NpgsqlDbType.Varchar, events, e => e.Origin.CorrelationId);
        Add(command, NpgsqlDbType.Varchar, events, e => e.Origin.CommandId);
        Add(command, NpgsqlDbType.Varchar, events, e => e.Origin.Actor);
        Add(command, NpgsqlDbType.Varchar, events, e => EventCatalog.Of(e.Data).DotnetType);
        Add(command, NpgsqlDbType.Integer, events, e => e.Data.PortfolioId);
        Add(command, NpgsqlDbType.Bigint, events, e => e.PortfolioVersion);
        batch.BatchCommands.Add(command);
    }

    // Marten's alias of the aggregate that a stream is of.
    private static string TypeOf(StreamKind kind) => kind switch
    {
        StreamKind.Portfolio => "portfolio",
        StreamKind.Funding => "funding",
        StreamKind.Order => "order",
        StreamKind.Holding => "holding",
        StreamKind.Trade => "trade",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Not a kind of stream."),
    };

    private static void Add<TSource, T>(
        NpgsqlBatchCommand command, NpgsqlDbType type, IReadOnlyList<TSource> source, Func<TSource, T> value)
    {
        var values = new T[source.Count];
        for (var i = 0; i < values.Length; i++)
            values[i] = value(source[i]);
        command.Parameters.Add(new NpgsqlParameter<T[]> { NpgsqlDbType = NpgsqlDbType.Array | type, TypedValue = values });
    }
}

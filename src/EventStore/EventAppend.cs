using System.Runtime.InteropServices;
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

    // One statement writes the log and the portfolio's index of it, so that both have the same sequence. Arrays are
    // opened in the list of columns, here and wherever the ledger writes sets: a table function of many arrays copies
    // every value twice more, which costs a quarter of the statement. The sequence is taken outside of that list, which
    // is evaluated once more than it has rows: each batch would leave a gap, and Marten's daemon waits at gaps.
    private const string Events =
        """
        WITH logged AS (
            INSERT INTO events.mt_events (seq_id, id, stream_id, version, data, type, timestamp, correlation_id,
                                          causation_id, user_name, mt_dotnet_type)
            SELECT nextval('events.mt_events_sequence'), u.*
            FROM (SELECT unnest($1::uuid[]), unnest($2::varchar[]), unnest($3::bigint[]), unnest($4::jsonb[]),
                         unnest($5::varchar[]), unnest($6::timestamptz[]), unnest($7::varchar[]),
                         unnest($8::varchar[]), unnest($9::varchar[]), unnest($10::varchar[])) AS u
            RETURNING seq_id
        ), placed AS (
            INSERT INTO ledger.portfolio_event (portfolio_id, version, seq_id, hash)
            SELECT ($11::integer[])[n], ($12::bigint[])[n], seq_id, substr($13, (n::integer - 1) * 32 + 1, 32)
            FROM (SELECT row_number() OVER () AS n, seq_id FROM logged) AS numbered
        )
        SELECT seq_id FROM logged
        """;

    // Insert and update apart cost two thirds of an upsert, which looks for each key twice. Both run under the lock, so
    // nobody else begins a stream meanwhile.
    private const string NewStreams =
        """
        INSERT INTO events.mt_streams (id, type, version, timestamp, created)
        SELECT unnest($1::varchar[]), unnest($2::varchar[]), unnest($3::bigint[]), unnest($4::timestamptz[]),
               unnest($4::timestamptz[])
        """;

    private const string KnownStreams =
        """
        UPDATE events.mt_streams AS s SET version = u.version, timestamp = u.at
        FROM (SELECT unnest($1::varchar[]) AS id, unnest($2::bigint[]) AS version, unnest($3::timestamptz[]) AS at) AS u
        WHERE s.id = u.id
        """;

    /// <summary>
    /// Adds the lock, which returns a row, the events, which return their sequences in order, and their streams.
    /// </summary>
    public static void AddTo(NpgsqlBatch batch, IReadOnlyList<NewEvent> events)
    {
        batch.BatchCommands.Add(new NpgsqlBatchCommand(Lock));
        // Before the streams, so that whoever lost a race meets the constraint that says so.
        AddEvents(batch, events);
        AddStreams(batch, events);
    }

    private static void AddEvents(NpgsqlBatch batch, IReadOnlyList<NewEvent> events)
    {
        var command = new NpgsqlBatchCommand(Events);
        Add(command, NpgsqlDbType.Uuid, events, e => e.Id);
        Add(command, NpgsqlDbType.Varchar, events, e => e.Data.Stream.Value);
        Add(command, NpgsqlDbType.Bigint, events, e => e.Place.StreamVersion);
        Add(command, NpgsqlDbType.Jsonb, events, e => e.Payload);
        Add(command, NpgsqlDbType.Varchar, events, e => e.Type.Alias);
        Add(command, NpgsqlDbType.TimestampTz, events, e => e.RecordedAt.UtcDateTime);
        Add(command, NpgsqlDbType.Varchar, events, e => e.Origin.CorrelationId);
        Add(command, NpgsqlDbType.Varchar, events, e => e.Origin.CommandId);
        Add(command, NpgsqlDbType.Varchar, events, e => e.Origin.Actor);
        Add(command, NpgsqlDbType.Varchar, events, e => e.Type.DotnetType);
        Add(command, NpgsqlDbType.Integer, events, e => e.Data.PortfolioId);
        Add(command, NpgsqlDbType.Bigint, events, e => e.Place.PortfolioVersion);
        command.Parameters.Add(new NpgsqlParameter<byte[]?> { TypedValue = Hashes(events) });
        batch.BatchCommands.Add(command);
    }

    // All hashes one after another: an element of an array of them is found by walking to it.
    private static byte[]? Hashes(IReadOnlyList<NewEvent> events)
    {
        if (events[0].Hash is null)
            return null;
        var hashes = new byte[events.Count * EventHash.Bytes];
        for (var i = 0; i < events.Count; i++)
            events[i].Hash!.CopyTo(hashes, i * EventHash.Bytes);
        return hashes;
    }

    // The version of a stream is that of its last event here; it is new where its first event is.
    private static void AddStreams(NpgsqlBatch batch, IReadOnlyList<NewEvent> events)
    {
        var heads = new Dictionary<string, (NewEvent Last, bool IsNew)>(events.Count);
        foreach (var e in events)
        {
            ref var head = ref CollectionsMarshal.GetValueRefOrAddDefault(heads, e.Data.Stream.Value, out _);
            head = (e, head.IsNew || e.Place.StreamVersion == 1);
        }
        AddNewStreams(batch, [.. heads.Where(head => head.Value.IsNew).Select(head => head.Value.Last)]);
        AddKnownStreams(batch, [.. heads.Where(head => !head.Value.IsNew).Select(head => head.Value.Last)]);
    }

    private static void AddNewStreams(NpgsqlBatch batch, List<NewEvent> heads)
    {
        if (heads.Count == 0)
            return;
        var command = new NpgsqlBatchCommand(NewStreams);
        Add(command, NpgsqlDbType.Varchar, heads, e => e.Data.Stream.Value);
        Add(command, NpgsqlDbType.Varchar, heads, e => TypeOf(e.Data.Stream.Kind));
        Add(command, NpgsqlDbType.Bigint, heads, e => e.Place.StreamVersion);
        Add(command, NpgsqlDbType.TimestampTz, heads, e => e.RecordedAt.UtcDateTime);
        batch.BatchCommands.Add(command);
    }

    private static void AddKnownStreams(NpgsqlBatch batch, List<NewEvent> heads)
    {
        if (heads.Count == 0)
            return;
        var command = new NpgsqlBatchCommand(KnownStreams);
        Add(command, NpgsqlDbType.Varchar, heads, e => e.Data.Stream.Value);
        Add(command, NpgsqlDbType.Bigint, heads, e => e.Place.StreamVersion);
        Add(command, NpgsqlDbType.TimestampTz, heads, e => e.RecordedAt.UtcDateTime);
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
        command.Parameters.Add(
            new NpgsqlParameter<T[]> { NpgsqlDbType = NpgsqlDbType.Array | type, TypedValue = values });
    }
}

using System.Data.Common;
using System.Runtime.InteropServices;
using Bifrost.Domain;

namespace Bifrost.EventStore;

/// <summary>
/// Appends events of any number of streams and portfolios to the log, as one set. Queued last in its session, because
/// from here to the end of the transaction nobody else appends.
/// </summary>
/// <remarks>
/// It stands beside Marten's own append because that takes a statement for each event or each stream, which was
/// measured to give fewer commands a second; docs/adr/0010-marten-and-orleans-carry-the-ledger.md has how many.
/// </remarks>
public sealed class AppendEvents(IReadOnlyList<NewEvent> events) : LedgerOperation
{
    /// <summary>The constraint that two writers of one portfolio meet: the later one decided on an old state.</summary>
    public const string FenceConstraint = "portfolio_event_pkey";

    /// <summary>The constraint that two writers of one stream meet.</summary>
    public const string StreamConstraint = "pk_mt_events_stream_and_version";

    // Batches that hold this row commit one after another, so events become visible in the order of their sequence and
    // a reader that has seen N never finds a smaller one later. Nobody but the writer may lock it: an advisory lock
    // could be taken, and kept, by whoever may log in. Whoever follows the log is woken after the commit.
    private static readonly Statement Lock =
        new("SELECT pg_notify('mt_events_appended', '') FROM ledger.append_turn FOR UPDATE");

    private static readonly Statement QuietLock = new("SELECT FROM ledger.append_turn FOR UPDATE");

    // One statement writes the log and the portfolio's index of it, so that both have the same sequence. Arrays are
    // opened in the list of columns, here and wherever the ledger writes sets: a table function of many arrays copies
    // every value twice more, which costs a quarter of the statement. The sequence is taken outside of that list, which
    // is evaluated once more than it has rows: each batch would leave a gap, and Marten's daemon waits at gaps.
    private static readonly Statement Events = new(
        """
        WITH logged AS (
            INSERT INTO events.mt_events (seq_id, id, stream_id, version, data, type, timestamp, correlation_id,
                                          causation_id, user_name, mt_dotnet_type)
            SELECT nextval('events.mt_events_sequence'), u.*
            FROM (SELECT unnest(?::uuid[]), unnest(?::varchar[]), unnest(?::bigint[]), unnest(?::jsonb[]),
                         unnest(?::varchar[]), unnest(?::timestamptz[]), unnest(?::varchar[]),
                         unnest(?::varchar[]), unnest(?::varchar[]), unnest(?::varchar[])) AS u
            RETURNING seq_id
        ), placed AS (
            INSERT INTO ledger.portfolio_event (portfolio_id, version, seq_id, hash)
            SELECT (?::integer[])[n], (?::bigint[])[n], seq_id, substr(?, (n::integer - 1) * 32 + 1, 32)
            FROM (SELECT row_number() OVER () AS n, seq_id FROM logged) AS numbered
        )
        SELECT seq_id FROM logged
        """);

    // Insert and update apart cost two thirds of an upsert, which looks for each key twice. Of two who begin the same
    // stream at one moment, the later meets its key.
    private static readonly Statement NewStreams = new(
        """
        INSERT INTO events.mt_streams (id, type, version, timestamp, created)
        SELECT u.id, u.type, u.version, u.at, u.at
        FROM (SELECT unnest(?::varchar[]) AS id, unnest(?::varchar[]) AS type, unnest(?::bigint[]) AS version,
                     unnest(?::timestamptz[]) AS at) AS u
        """);

    private static readonly Statement KnownStreams = new(
        """
        UPDATE events.mt_streams AS s SET version = u.version, timestamp = u.at
        FROM (SELECT unnest(?::varchar[]) AS id, unnest(?::bigint[]) AS version, unnest(?::timestamptz[]) AS at) AS u
        WHERE s.id = u.id
        """);

    private readonly List<long> sequences = new(events.Count);

    /// <summary>
    /// Whether followers are woken. Where they are not they find the events by looking, once a second.
    /// </summary>
    public bool Wakes { get; init; } = true;

    /// <summary>Of the events, in their order, once the session was saved.</summary>
    public IReadOnlyList<long> Sequences => sequences;

    protected override void AddTo(Statements statements)
    {
        // Before the lock, which the other writer waits for.
        AddStreams(statements);
        statements.Add(Wakes ? Lock : QuietLock);
        AddEvents(statements);
    }

    /// <summary>Takes the sequences, which come after the one row of the lock.</summary>
    public override async Task PostprocessAsync(
        DbDataReader reader, IList<Exception> exceptions, CancellationToken token)
    {
        await reader.NextResultAsync(token);
        while (await reader.ReadAsync(token))
            sequences.Add(reader.GetInt64(0));
    }

    private void AddEvents(Statements statements) => statements.Add(
        Events,
        SqlValue.Array(events, e => e.Id),
        SqlValue.Array(events, e => e.Data.Stream.Value),
        SqlValue.Array(events, e => e.Place.StreamVersion),
        SqlValue.Json(events, e => e.Payload),
        SqlValue.Array(events, e => e.Type.Alias),
        SqlValue.Array(events, e => e.RecordedAt.UtcDateTime),
        SqlValue.Array(events, e => e.Origin.CorrelationId),
        SqlValue.Array(events, e => e.Origin.CommandId),
        SqlValue.Array(events, e => e.Origin.Actor),
        SqlValue.Array(events, e => e.Type.DotnetType),
        SqlValue.Array(events, e => e.Data.PortfolioId),
        SqlValue.Array(events, e => e.Place.PortfolioVersion),
        SqlValue.Of(Hashes()));

    // All hashes one after another: an element of an array of them is found by walking to it.
    private byte[]? Hashes()
    {
        if (events[0].Hash is null)
            return null;
        var hashes = new byte[events.Count * EventHash.Bytes];
        for (var i = 0; i < events.Count; i++)
            events[i].Hash!.CopyTo(hashes, i * EventHash.Bytes);
        return hashes;
    }

    // The version of a stream is that of its last event here; it is new where its first event is.
    private void AddStreams(Statements statements)
    {
        var heads = new Dictionary<string, (NewEvent Last, bool IsNew)>(events.Count);
        foreach (var e in events)
        {
            ref var head = ref CollectionsMarshal.GetValueRefOrAddDefault(heads, e.Data.Stream.Value, out _);
            head = (e, head.IsNew || e.Place.StreamVersion == 1);
        }
        AddNewStreams(statements, [.. heads.Where(head => head.Value.IsNew).Select(head => head.Value.Last)]);
        AddKnownStreams(statements, [.. heads.Where(head => !head.Value.IsNew).Select(head => head.Value.Last)]);
    }

    private static void AddNewStreams(Statements statements, List<NewEvent> heads)
    {
        if (heads.Count == 0)
            return;
        statements.Add(
            NewStreams,
            SqlValue.Array(heads, e => e.Data.Stream.Value),
            SqlValue.Array(heads, e => TypeOf(e.Data.Stream.Kind)),
            SqlValue.Array(heads, e => e.Place.StreamVersion),
            SqlValue.Array(heads, e => e.RecordedAt.UtcDateTime));
    }

    private static void AddKnownStreams(Statements statements, List<NewEvent> heads)
    {
        if (heads.Count == 0)
            return;
        statements.Add(
            KnownStreams,
            SqlValue.Array(heads, e => e.Data.Stream.Value),
            SqlValue.Array(heads, e => e.Place.StreamVersion),
            SqlValue.Array(heads, e => e.RecordedAt.UtcDateTime));
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
}

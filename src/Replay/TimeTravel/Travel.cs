using System.Runtime.CompilerServices;
using Bifrost.Domain;
using Bifrost.Domain.Funding;
using Bifrost.Domain.Holdings;
using Bifrost.Domain.Portfolios;
using Bifrost.EventStore;
using Npgsql;

namespace Bifrost.Replay.TimeTravel;

/// <summary>
/// Portfolios as they were: as of what was recorded until a moment, of that what had occurred until a moment, or both.
/// Snapshots make it quick and change no answer.
/// </summary>
public sealed class Travel
{
    /// <summary>
    /// A portfolio has a snapshot after each so many of its events, and after those that were recorded together with
    /// them.
    /// </summary>
    public const int SnapshotEvents = 250;

    private const string Behind =
        """
        SELECT p.portfolio_id FROM portfolio p
        WHERE p.version >= $2 AND NOT EXISTS (
            SELECT FROM ledger.portfolio_snapshot s
            WHERE s.portfolio_id = p.portfolio_id AND s.build = $1 AND s.version > p.version - $2)
        ORDER BY 1
        """;

    private readonly NpgsqlDataSource database;
    private readonly EventLog log;
    private readonly SnapshotTable snapshots;
    private readonly int snapshotEvents;

    public Travel(NpgsqlDataSource database)
        : this(database, SnapshotEvents)
    {
    }

    internal Travel(NpgsqlDataSource database, int snapshotEvents) =>
        (this.database, log, snapshots, this.snapshotEvents) =
            (database, new EventLog(database), new SnapshotTable(database), snapshotEvents);

    /// <summary>
    /// The portfolio at a moment. With an effective moment the state has what had occurred by then, booked in the order
    /// in which it occurred, and no orders; otherwise it is the state that was recorded.
    /// </summary>
    /// <returns>Null where nothing was known of the portfolio.</returns>
    /// <exception cref="EventReadException">The history cannot be read or folded by this build.</exception>
    public Task<Past?> Read(int portfolioId, Moment moment, CancellationToken cancel = default) =>
        moment.Effective is null ? Recorded(portfolioId, moment, cancel) : Effective(portfolioId, moment, cancel);

    /// <summary>Portfolios that are due for a snapshot.</summary>
    public async Task<List<int>> FindBehind(CancellationToken cancel = default)
    {
        await using var command = database.CreateCommand(Behind);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = StateJson.Build });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = snapshotEvents });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var behind = new List<int>();
        while (await reader.ReadAsync(cancel))
            behind.Add(reader.GetInt32(0));
        return behind;
    }

    /// <summary>Makes the snapshots of a portfolio that are due, from the latest one on.</summary>
    /// <returns>How many.</returns>
    public async Task<int> MakeSnapshots(int portfolioId, CancellationToken cancel = default)
    {
        await snapshots.DeleteStale(portfolioId, cancel);
        var latest = await snapshots.Latest(portfolioId, Moment.Now, cancel);
        var (state, through, made, isInOrder) = (
            latest?.State,
            latest?.Place.FactsThrough ?? DateTimeOffset.MinValue,
            0,
            (await snapshots.Places(portfolioId, Moment.Now, cancel)).TrueForAll(place => place.ReachesTo is null));
        var since = new List<StoredEvent>();
        await foreach (var (stored, next, isBoundary) in Boundaries(portfolioId, state, cancel))
        {
            since.Add(stored);
            // Between the events of one command a state is no whole one: a fill may not have its round trip yet.
            if (since.Count < snapshotEvents || !isBoundary)
                continue;
            var reach = await Reach(since, through, cancel);
            (through, isInOrder) = (reach.Through, isInOrder && reach.Back is null);
            var place = new Place(next.Version, stored.Sequence, stored.RecordedAt, through, reach.Back);
            var everything = new Moment { Sequence = stored.Sequence, Effective = DateTimeOffset.MaxValue };
            var effective = isInOrder ? null : (await Effective(portfolioId, everything, cancel))!.State;
            await snapshots.Add(portfolioId, new Snapshot(place, next, effective), cancel);
            since.Clear();
            made++;
        }
        return made;
    }

    private async IAsyncEnumerable<(StoredEvent Stored, Portfolio State, bool IsBoundary)> Boundaries(
        int portfolioId, Portfolio? state, [EnumeratorCancellation] CancellationToken cancel)
    {
        (StoredEvent Stored, Portfolio State)? last = null;
        await foreach (var next in Fold(portfolioId, state, Moment.Now, cancel))
        {
            if (last is { } before)
                yield return (before.Stored, before.State, before.Stored.RecordedAt != next.Stored.RecordedAt);
            last = next;
        }
        // What was committed together is seen together.
        if (last is { } end)
            yield return (end.Stored, end.State, true);
    }

    private async Task<Past?> Recorded(int portfolioId, Moment moment, CancellationToken cancel)
    {
        var snapshot = await snapshots.Latest(portfolioId, moment, cancel);
        var past = snapshot is null
            ? null
            : new Past(snapshot.State, snapshot.Place.Sequence, snapshot.Place.RecordedAt, snapshot.Place.Version);
        await foreach (var (stored, next) in Fold(portfolioId, past?.State, moment, cancel))
            past = new Past(next, stored.Sequence, stored.RecordedAt, next.Version);
        return past;
    }

    private async IAsyncEnumerable<(StoredEvent Stored, Portfolio State)> Fold(
        int portfolioId, Portfolio? state, Moment moment, [EnumeratorCancellation] CancellationToken cancel)
    {
        var history = new PortfolioHistory(log, portfolioId);
        await foreach (var stored in Known(portfolioId, state?.Version ?? 0, long.MaxValue, moment, cancel))
        {
            state = await history.Next(state, stored);
            yield return (stored, state);
        }
    }

    // In pages, so that a moment long ago does not make the database read on to the end.
    private async IAsyncEnumerable<StoredEvent> Known(
        int portfolioId, long after, long through, Moment moment, [EnumeratorCancellation] CancellationToken cancel)
    {
        for (var isEnd = false; !isEnd && after < through; after += SnapshotEvents)
        {
            isEnd = true;
            var end = Math.Min(after + SnapshotEvents, through);
            await foreach (var stored in log.ReadPortfolio(portfolioId, after, end, cancel))
            {
                if (!moment.Knows(stored.Sequence, stored.RecordedAt))
                    yield break;
                isEnd = false;
                yield return stored;
            }
        }
    }

    // The base is the latest snapshot that nothing which became known after it reaches back into. Of the events since
    // then, those between two snapshots are read where one of them can have occurred by the moment.
    private async Task<Past?> Effective(int portfolioId, Moment moment, CancellationToken cancel)
    {
        var until = moment.Effective!.Value;
        var places = await snapshots.Places(portfolioId, moment, cancel);
        var newest = places.LastOrDefault();
        var tail = new List<StoredEvent>();
        await foreach (var stored in Known(portfolioId, newest?.Version ?? 0, long.MaxValue, moment, cancel))
            tail.Add(stored);
        if (newest is null && tail.Count == 0)
            return null;
        var reach = await Reach(tail, newest?.FactsThrough ?? DateTimeOffset.MinValue, cancel);
        var at = Base(places, reach.Back, until);
        var start = at < 0 ? null : await snapshots.At(portfolioId, places[at].Version, cancel);
        // Deleted meanwhile, as it may be at any time.
        at = start is null ? -1 : at;

        var rebooking = new Rebooking();
        for (var next = at + 1; next < places.Count; next++)
        {
            var (from, occurred) = next == 0
                ? (0, DateTimeOffset.MinValue)
                : (places[next - 1].Version, places[next - 1].FactsThrough);
            if (occurred > until && !(places[next].ReachesTo <= until))
                continue;
            await foreach (var stored in Known(portfolioId, from, places[next].Version, moment, cancel))
                rebooking.Add(stored.Recorded);
        }
        foreach (var stored in tail)
            rebooking.Add(stored.Recorded);
        var state = rebooking.Book(
            start?.Effective ?? start?.State, new RebookingTerms { Until = until, AsOccurred = true });
        return tail.Count > 0
            ? new Past(state!, tail[^1].Sequence, tail[^1].RecordedAt, (newest?.Version ?? 0) + tail.Count)
            : new Past(state!, newest!.Sequence, newest.RecordedAt, newest.Version);
    }

    private static int Base(List<Place> places, DateTimeOffset? tailReaches, DateTimeOffset until)
    {
        var reaches = tailReaches ?? DateTimeOffset.MaxValue;
        for (var at = places.Count - 1; at >= 0; at--)
        {
            if (places[at].FactsThrough <= until && reaches > places[at].FactsThrough)
                return at;
            if (places[at].ReachesTo < reaches)
                reaches = places[at].ReachesTo!.Value;
        }
        return -1;
    }

    /// <summary>
    /// How far what occurred goes after some more events, and how far back the late ones of them reach.
    /// </summary>
    private async Task<(DateTimeOffset Through, DateTimeOffset? Back)> Reach(
        IEnumerable<StoredEvent> events, DateTimeOffset through, CancellationToken cancel)
    {
        DateTimeOffset? back = null;
        foreach (var happened in events.Select(stored => stored.Data).Where(Rebooking.IsFact))
        {
            // An amendment reaches back to its fill, be that the latest fact; what occurs together keeps its order, but
            // for splits, which come first.
            var from = happened switch
            {
                HoldingRestated restated => await FirstOccurred(restated, cancel),
                FundingRestated restated => Earlier(restated.Was.OccurredAt, restated.Corrected?.OccurredAt),
                _ => happened.OccurredAt,
            };
            var isLate = happened switch
            {
                HoldingRestated or FundingRestated => true,
                HoldingSplit => from <= through,
                _ => from < through,
            };
            if (isLate && !(back < from))
                back = from;
            var latest = happened switch
            {
                HoldingRestated { Corrected: { } fill } => fill.OccurredAt,
                FundingRestated { Corrected: { } terms } => terms.OccurredAt,
                _ => happened.OccurredAt,
            };
            if (latest > through)
                through = latest;
        }
        return (through, back);
    }

    private static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset? other) => other < one ? other.Value : one;

    // An amended fill changes what was true from when it occurred, under any of its terms.
    private async Task<DateTimeOffset> FirstOccurred(HoldingRestated restated, CancellationToken cancel)
    {
        const string Sql =
            """
            SELECT min(least((data ->> 'occurredAt')::timestamptz, (data -> 'corrected' ->> 'occurredAt')::timestamptz))
            FROM events.mt_events WHERE stream_id = $1 AND (data ->> 'transactionId')::integer = $2
            """;
        await using var command = database.CreateCommand(Sql);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = restated.Stream.Value });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = restated.TransactionId });
        return new DateTimeOffset((DateTime)(await command.ExecuteScalarAsync(cancel))!, TimeSpan.Zero);
    }
}

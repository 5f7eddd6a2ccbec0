using System.Data;
using System.Runtime.CompilerServices;
using Npgsql;

namespace Bifrost.Audit.History;

/// <summary>Reads the log for auditors: what is of a portfolio, stream, type, actor, command, trace or time.</summary>
/// <remarks>
/// Each filter has an index or a bounded way to its events; with several, the events come by the one that has the
/// fewest candidates, and the others are looked at in each of them. No page looks at more than
/// <see cref="MostLookedAt"/> candidates, whatever is asked for, so the worst costs as much as that many rows by key.
/// </remarks>
public sealed class EventHistory(NpgsqlDataSource database)
{
    /// <summary>How many candidates a page looks at.</summary>
    public const int MostLookedAt = 20_000;

    // The statements are written so that one plan is right, whatever the statistics say of the values: candidates come
    // in order by their index. A sort or a scan would be right for few rows, and is not seen to be wrong for many.
    internal const string Plans =
        """
        SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_sort = off;
        SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off; SET LOCAL jit = off
        """;

    public async Task<HistoryPage> Read(HistoryFilter filter, CancellationToken cancel = default)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        // One snapshot, so that what the bounds, the candidates and the page say is of one moment.
        await using var snapshot = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancel);
        await UsePlans(connection, cancel);
        var span = await Find(connection, filter, cancel);
        if (span.IsEmpty)
            return new HistoryPage([], null);
        var way = await Choose(connection, filter, span, cancel);
        var statement = HistorySql.Page(filter, span, way);
        await using var command = statement.On(connection);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var items = new List<LoggedFact>();
        while (await reader.ReadAsync(cancel))
            items.Add(LoggedFact.Read(reader));
        await reader.DisposeAsync();
        if (items.Count > filter.Limit)
            return new HistoryPage(items[..filter.Limit], items[filter.Limit - 1].Sequence);
        return new HistoryPage(items, await LastLookedAt(connection, filter, span, way, cancel));
    }

    /// <summary>
    /// All events that are asked for by portfolio and time, each with how many candidates there are, in a transaction
    /// of the caller's.
    /// </summary>
    internal static async IAsyncEnumerable<(LoggedFact Fact, long Candidates)> ReadAll(
        NpgsqlConnection connection, HistoryFilter filter, [EnumeratorCancellation] CancellationToken cancel)
    {
        await UsePlans(connection, cancel);
        var span = await Find(connection, filter, cancel);
        var way = HistorySql.Ways(filter)[0];
        await using var command = HistorySql.All(filter, span, way).On(connection);
        command.CommandTimeout = 0;
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var candidates = way == HistoryWay.Portfolio ? span.Versions.Count : span.Sequences.Count;
        while (await reader.ReadAsync(cancel))
            yield return (LoggedFact.Read(reader), candidates);
    }

    private static async Task UsePlans(NpgsqlConnection connection, CancellationToken cancel)
    {
        await using var plans = new NpgsqlCommand(Plans, connection);
        await plans.ExecuteNonQueryAsync(cancel);
    }

    // Between which sequences, and which versions of a portfolio and a stream, all that is asked for lies.
    private static async Task<HistorySpan> Find(
        NpgsqlConnection connection, HistoryFilter filter, CancellationToken cancel)
    {
        await using var command = HistorySql.Span(filter).On(connection);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        await reader.ReadAsync(cancel);
        var sequences = new Between(reader.GetInt64(0), reader.GetInt64(1));
        await reader.DisposeAsync();
        if (sequences.IsEmpty || (filter.PortfolioId is null && filter.Stream is null))
            return new HistorySpan(sequences, default, default);
        await using var versions = HistorySql.Versions(filter, sequences).On(connection);
        await using var found = await versions.ExecuteReaderAsync(cancel);
        await found.ReadAsync(cancel);
        return new HistorySpan(
            sequences,
            new Between(found.GetInt64(0), found.GetInt64(1)),
            new Between(found.GetInt64(2), found.GetInt64(3)));
    }

    private static async Task<HistoryWay> Choose(
        NpgsqlConnection connection, HistoryFilter filter, HistorySpan span, CancellationToken cancel)
    {
        var ways = HistorySql.Ways(filter);
        if (ways is [var only])
            return only;
        await using var command = HistorySql.Candidates(filter, span, ways).On(connection);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        await reader.ReadAsync(cancel);
        return ways.Index().MinBy(way => reader.GetInt64(way.Index)).Item;
    }

    // Fewer events than were asked for are all that there are, unless the page ended for what it had looked at.
    private static async Task<long?> LastLookedAt(
        NpgsqlConnection connection, HistoryFilter filter, HistorySpan span, HistoryWay way, CancellationToken cancel)
    {
        if (way == HistoryWay.Command || !HistorySql.LooksOn(filter, way))
            return null;
        await using var command = HistorySql.LastCandidate(filter, span, way).On(connection);
        return (long?)await command.ExecuteScalarAsync(cancel);
    }
}

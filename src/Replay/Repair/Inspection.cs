using System.Globalization;
using Bifrost.Domain.Portfolios;
using Bifrost.EventStore;
using Npgsql;

namespace Bifrost.Replay.Repair;

/// <summary>What an inspection found.</summary>
public sealed record Inspected(long Portfolios, IReadOnlyList<Finding> Findings);

/// <summary>
/// Folds histories as a portfolio's writer does when it loads them, and tells where and why one stops. Only reads.
/// </summary>
public sealed class Inspection(NpgsqlDataSource database)
{
    private const string Portfolios =
        """
        SELECT DISTINCT portfolio_id FROM ledger.portfolio_event
        WHERE $1::integer IS NULL OR portfolio_id = $1 ORDER BY 1
        """;

    private const string Columns =
        "e.seq_id, e.id, e.stream_id, e.version, e.type, e.mt_dotnet_type, e.timestamp, e.data::text";

    private const string AtSequence = $"SELECT {Columns} FROM events.mt_events e WHERE e.seq_id = $1";

    // By text, because nothing is certain of what is stored there.
    private const string Uncounted =
        $"""
        SELECT {Columns}, e.data ->> 'portfolioId'
        FROM events.mt_events e LEFT JOIN ledger.portfolio_event p ON p.seq_id = e.seq_id
        WHERE p.seq_id IS NULL AND ($1::integer IS NULL OR e.data ->> 'portfolioId' = $1::text)
        ORDER BY e.seq_id
        """;

    private const string SequenceAt =
        "SELECT seq_id FROM ledger.portfolio_event WHERE portfolio_id = $1 AND version = $2";

    private readonly EventLog log = new(database);

    /// <param name="portfolioId">Only this portfolio; all where it is null.</param>
    public async Task<Inspected> Run(int? portfolioId, CancellationToken cancel = default)
    {
        var findings = new List<Finding>();
        var ids = await Ids(portfolioId, cancel);
        foreach (var id in ids)
        {
            if (await Inspect(id, cancel) is { } finding)
                findings.Add(finding);
        }
        await AddUncounted(portfolioId, findings, cancel);
        return new Inspected(ids.Count, findings);
    }

    private async Task<Finding?> Inspect(int portfolioId, CancellationToken cancel)
    {
        var (state, last) = ((Portfolio?)null, (long?)null);
        try
        {
            await foreach (var stored in log.ReadPortfolio(portfolioId, 0, cancel: cancel))
            {
                state = HistoryFold.Next(state, stored, portfolioId);
                last = stored.Sequence;
            }
            return null;
        }
        catch (EventReadException e)
        {
            var good = state?.Version ?? 0;
            var sequence = e.Place?.Sequence ?? await ReadSequence(portfolioId, good + 1, cancel);
            var row = sequence is { } at ? await ReadRow(at, cancel) : null;
            return new Finding(portfolioId, e.Fault, sequence, e.Message, last, good, row)
            {
                Detail = e.InnerException?.Message,
            };
        }
    }

    private async Task<List<int>> Ids(int? portfolioId, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(Portfolios);
        command.Parameters.Add(Optional(portfolioId));
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var ids = new List<int>();
        while (await reader.ReadAsync(cancel))
            ids.Add(reader.GetInt32(0));
        return ids;
    }

    private async Task<long?> ReadSequence(int portfolioId, long version, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(SequenceAt);
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = portfolioId });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = version });
        return (long?)await command.ExecuteScalarAsync(cancel);
    }

    private async Task<StoredRow?> ReadRow(long sequence, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(AtSequence);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = sequence });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        return await reader.ReadAsync(cancel) ? Row(reader) : null;
    }

    // The grain meets such an event only when its own next one is refused, so it is looked for by itself.
    private async Task AddUncounted(int? portfolioId, List<Finding> findings, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(Uncounted);
        command.Parameters.Add(Optional(portfolioId));
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
        {
            var text = reader.IsDBNull(8) ? "" : reader.GetString(8);
            var id = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var known) ? known : 0;
            var row = Row(reader);
            findings.Add(new Finding(
                id,
                HistoryFault.Uncounted,
                row.Sequence,
                $"Event {row.Sequence} is in the log, as version {row.Version} of {row.Stream}, and in no portfolio's "
                + "history.",
                null,
                0,
                row));
        }
    }

    private static NpgsqlParameter Optional(int? portfolioId) => new()
    {
        NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Integer, Value = (object?)portfolioId ?? DBNull.Value,
    };

    private static StoredRow Row(NpgsqlDataReader reader) => new(
        reader.GetInt64(0),
        reader.GetGuid(1),
        reader.GetString(2),
        reader.GetInt64(3),
        reader.GetString(4),
        new DateTimeOffset(reader.GetDateTime(6), TimeSpan.Zero),
        reader.GetString(7))
    {
        DotnetType = reader.IsDBNull(5) ? null : reader.GetString(5),
    };
}

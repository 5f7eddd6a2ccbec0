using Bifrost.Domain;
using Bifrost.Domain.Portfolios;
using Bifrost.Domain.Trades;
using Bifrost.EventStore;
using Bifrost.Projections.Trades;
using Npgsql;

namespace Bifrost.Replay.TimeTravel;

/// <summary>The round trips of a portfolio as they were at a moment.</summary>
public sealed class PastTrades(NpgsqlDataSource database)
{
    // Round trips that were voided since are in no table any more. Streams begin with the first event of each.
    private const string Candidates =
        """
        SELECT t.trade_id
        FROM (SELECT trade_id FROM trade WHERE portfolio_id = $1 AND trade_id > $2
              UNION
              SELECT (data ->> 'tradeId')::integer FROM events.mt_events
              WHERE type = 'trade_voided' AND (data ->> 'portfolioId')::integer = $1
                AND (data ->> 'tradeId')::integer > $2) AS t
        JOIN events.mt_events e ON e.stream_id = 'trade-' || t.trade_id AND e.version = 1 AND e.seq_id <= $3
        ORDER BY 1 LIMIT $4
        """;

    private readonly EventLog log = new(database);

    /// <param name="past">What was known at the moment.</param>
    /// <param name="after">Only trades with a larger id.</param>
    /// <param name="take">At most so many.</param>
    public async Task<List<TradeRow>> Read(
        Past past, Moment moment, int after, int take, CancellationToken cancel = default) =>
        moment.Effective is null
            ? await Recorded(past, after, take, cancel)
            : [.. (await Effective(past, moment, cancel)).Where(row => row.State.TradeId > after).Take(take)];

    private async Task<List<TradeRow>> Recorded(Past past, int after, int take, CancellationToken cancel)
    {
        var rows = new List<TradeRow>();
        while (rows.Count < take)
        {
            var ids = await Ids(past, after, take - rows.Count, cancel);
            foreach (var id in ids)
            {
                if (await ReadOne(id, past.Sequence, cancel) is { } trade)
                    rows.Add(new TradeRow(past.State.PortfolioId, trade));
            }
            if (ids.Count == 0)
                break;
            after = ids[^1];
        }
        return rows;
    }

    private async Task<List<int>> Ids(Past past, int after, int take, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(Candidates);
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = past.State.PortfolioId });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = after });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = past.Sequence });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = take });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var ids = new List<int>();
        while (await reader.ReadAsync(cancel))
            ids.Add(reader.GetInt32(0));
        return ids;
    }

    private async Task<Trade?> ReadOne(int tradeId, long sequence, CancellationToken cancel)
    {
        Trade? trade = null;
        await foreach (var stored in log.ReadStream(StreamId.Trade(tradeId).Value, cancel: cancel))
        {
            if (stored.Sequence > sequence)
                break;
            trade = stored.Data is TradeVoided ? null : Trade.Evolve(trade, (TradeEvent)stored.Data, stored.RecordedAt);
        }
        return trade;
    }

    // Booked from the first fact: which round trips there were depends on the order in which all fills occurred.
    private async Task<IEnumerable<TradeRow>> Effective(Past past, Moment moment, CancellationToken cancel)
    {
        var rebooking = new Rebooking();
        await foreach (var stored in log.ReadPortfolio(past.State.PortfolioId, 0, past.Version, cancel))
            rebooking.Add(stored.Recorded);
        rebooking.Book(null, new RebookingTerms { Until = moment.Effective, AsOccurred = true });
        return rebooking.Trades.Values.OrderBy(trade => trade.TradeId)
            .Select(trade => new TradeRow(past.State.PortfolioId, trade));
    }
}

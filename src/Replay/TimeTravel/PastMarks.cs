using Bifrost.Domain.Holdings;
using Bifrost.Domain.Portfolios;
using Bifrost.Projections.Holdings;
using Bifrost.Projections.Portfolios;
using Npgsql;

namespace Bifrost.Replay.TimeTravel;

/// <summary>A portfolio at a moment with its positions, valued at the prices of that moment.</summary>
public sealed record ValuedPast(Past Past, PortfolioRow Portfolio, IReadOnlyList<HoldingRow> Holdings);

/// <summary>Values positions with the prices that were known at a moment, where bars tell any.</summary>
public sealed class PastMarks(NpgsqlDataSource database)
{
    private const string Sql =
        """
        SELECT symbol, price, price_at, ledger.bar_end(price_at, bar_interval) FROM market_prices_of($1, $2, $3, $4)
        """;

    public async Task<ValuedPast> Value(Past past, Moment moment, CancellationToken cancel = default)
    {
        var state = past.State;
        var marks = await Read(state, past, moment, cancel);
        var rows = state.Holdings.Values.OrderBy(holding => holding.HoldingId).Select(holding => Row(holding)).ToList();
        return new ValuedPast(
            past, new PortfolioRow(state) { HoldingsValue = rows.Sum(row => row.MarketValue) }, rows);

        HoldingRow Row(Holding holding)
        {
            var row = new HoldingRow(state.PortfolioId, holding);
            return marks.TryGetValue(holding.Symbol, out var mark)
                ? row with { Mark = mark.Price with { Price = holding.PriceToday(mark.Price.Price, mark.Until) } }
                : row;
        }
    }

    private async Task<Dictionary<string, (PriceMark Price, DateTimeOffset Until)>> Read(
        Portfolio state, Past past, Moment moment, CancellationToken cancel)
    {
        // What had been recorded by the moment: of a sequence that is when it was recorded.
        var known = moment.AsOf ?? (moment.Sequence is null ? DateTimeOffset.MaxValue : past.RecordedAt);
        await using var command = database.CreateCommand(Sql);
        command.Parameters.Add(new NpgsqlParameter<string[]>
        {
            NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Array | NpgsqlTypes.NpgsqlDbType.Varchar,
            TypedValue = [.. state.Holdings.Keys],
        });
        command.Parameters.Add(new NpgsqlParameter<DateTime>
        {
            TypedValue = (moment.Effective ?? known).UtcDateTime,
        });
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = known.UtcDateTime });
        command.Parameters.Add(new NpgsqlParameter<bool> { TypedValue = moment.Effective is not null });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var marks = new Dictionary<string, (PriceMark Price, DateTimeOffset Until)>();
        while (await reader.ReadAsync(cancel))
        {
            marks.Add(
                reader.GetString(0),
                (new PriceMark(reader.GetDecimal(1), reader.GetFieldValue<DateTimeOffset>(2)),
                    reader.GetFieldValue<DateTimeOffset>(3)));
        }
        return marks;
    }
}

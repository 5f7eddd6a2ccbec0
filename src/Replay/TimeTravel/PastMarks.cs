using Bifrost.Domain;
using Bifrost.Domain.Holdings;
using Bifrost.Domain.Portfolios;
using Bifrost.Projections.Holdings;
using Bifrost.Projections.Portfolios;
using Npgsql;

namespace Bifrost.Replay.TimeTravel;

/// <summary>A portfolio at a moment with its positions, valued at the prices of that moment.</summary>
/// <param name="Rates">Of other currencies in the portfolio's own, as far as they are known.</param>
public sealed record ValuedPast(
    Past Past, PortfolioRow Portfolio, IReadOnlyList<HoldingRow> Holdings, IReadOnlyDictionary<string, Rate> Rates);

/// <summary>Values positions with the prices that were known at a moment, where bars tell any.</summary>
public sealed class PastMarks(NpgsqlDataSource database)
{
    private readonly PastPrices prices = new(database);

    public async Task<ValuedPast> Value(Past past, Moment moment, CancellationToken cancel = default)
    {
        var (state, own) = (past.State, past.State.Currency.Code);
        var told = await Read(state, past, moment, cancel);
        var rows = state.Holdings.Values.OrderBy(holding => holding.HoldingId).Select(Row).ToList();
        var rates = state.OtherCash.Keys.Select(code => (Code: code, Rate: PastPrices.Rate(code, own, told)))
            .Where(rate => rate.Rate is not null).ToDictionary(rate => rate.Code, rate => rate.Rate!);
        return new ValuedPast(
            past,
            new PortfolioRow(state)
            {
                Worth = PortfolioRow.WorthOf(state, rows, code => rates.GetValueOrDefault(code)?.Value),
            },
            rows,
            rates);

        HoldingRow Row(Holding holding)
        {
            var row = new HoldingRow(state.PortfolioId, state.Currency, holding);
            return told.TryGetValue(holding.Symbol, out var mark)
                ? row with { Mark = new PriceMark(holding.PriceToday(mark.Price, mark.Until), mark.At) }
                : row;
        }
    }

    private Task<Dictionary<string, PastPrice>> Read(
        Portfolio state, Past past, Moment moment, CancellationToken cancel)
    {
        // What had been recorded by the moment: of a sequence that is when it was recorded.
        var known = moment.AsOf ?? (moment.Sequence is null ? DateTimeOffset.MaxValue : past.RecordedAt);
        var pairs = state.OtherCash.Keys.SelectMany(code => PastPrices.PairNames(code, state.Currency.Code));
        return prices.Read(
            state.Holdings.Keys.Union(pairs), moment.Effective ?? known, known, moment.Effective is not null, cancel);
    }
}

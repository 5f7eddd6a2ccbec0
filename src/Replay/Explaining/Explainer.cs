using System.Data;
using Bifrost.Domain;
using Bifrost.EventStore;
using Npgsql;

namespace Bifrost.Replay.Explaining;

/// <summary>An explanation, or what there is none of.</summary>
public abstract record Explained
{
    private Explained()
    {
    }

    public sealed record Found(Explanation Explanation) : Explained;

    /// <summary>No such portfolio, or it was opened later than the moment that was asked for.</summary>
    public sealed record NoPortfolio : Explained;

    /// <summary>The portfolio never held the symbol, or not until the moment that was asked for.</summary>
    public sealed record NoHolding : Explained;
}

/// <summary>Reads what <see cref="ExplanationFold"/> needs: of one symbol its stream alone.</summary>
public sealed class Explainer(NpgsqlDataSource database)
{
    // The bar is the one that the price was taken from: the latest, or one that a later bar has followed meanwhile.
    private const string Mark =
        """
        SELECT h.current_price, h.price_at, h.decimals,
               CASE WHEN h.price_at IS NULL THEN 'fill' ELSE coalesce(
                   (SELECT p.bar_interval FROM market_last_price p
                    WHERE p.symbol = h.symbol AND p.time = h.price_at
                        AND ledger.marked(p.price, p.time, p.bar_interval, h.splits) = h.current_price),
                   (SELECT ledger.bar_word(b.fineness) FROM market_bar_close b
                    WHERE b.symbol = h.symbol AND b.time = h.price_at
                        AND ledger.marked(ledger.price(b.close), b.time, ledger.bar_word(b.fineness), h.splits)
                            = h.current_price
                    ORDER BY b.fineness DESC LIMIT 1),
                   'bar') END
        FROM holding h WHERE h.portfolio_id = $1 AND h.symbol = $2
        """;

    private readonly EventLog log = new(database);

    /// <summary>Whether a field can be asked for with a symbol, without one, and for the past.</summary>
    /// <returns>The part of the question that does not fit, and why; null where it fits.</returns>
    public static (string Part, string Reason)? Misfit(Question question) => question switch
    {
        { Field: ExplainedField.Cash, Symbol: not null } =>
            ("symbol", "does not go with cash, which is the whole portfolio's."),
        { Field: ExplainedField.Quantity or ExplainedField.MarketValue, Symbol: null } =>
            ("symbol", "is required: shares of several symbols do not add up."),
        { Currency: not null, Symbol: not null }
            or { Currency: not null, Field: not (ExplainedField.Cash or ExplainedField.CostBasis) } =>
            ("currency", "goes with cash, and with costBasis of the whole portfolio."),
        { Sequence: not null, AsOf: not null } => ("asOf", "and sequence both name a moment: give one of them."),
        { Field: ExplainedField.MarketValue, Sequence: not null } =>
            ("sequence", "does not go with marketValue, which is known with the price of now."),
        { Field: ExplainedField.MarketValue, AsOf: not null } =>
            ("asOf", "does not go with marketValue, which is known with the price of now."),
        _ => null,
    };

    /// <param name="question">One that <see cref="Misfit"/> finds nothing wrong with.</param>
    public async Task<Explained> Explain(Question question, CancellationToken cancel = default)
    {
        var explanation = question.Field == ExplainedField.MarketValue
            ? await AtMarket(question, cancel)
            : await Fold(question, Events(question, cancel));
        if (explanation is not null)
            return new Explained.Found(explanation);
        return question.Symbol is not null && await log.ReadVersion(question.PortfolioId) > 0
            ? new Explained.NoHolding()
            : new Explained.NoPortfolio();
    }

    private IAsyncEnumerable<StoredEvent> Events(Question question, CancellationToken cancel) =>
        question.Symbol is { } symbol
            ? log.ReadStream(StreamId.Holding(question.PortfolioId, symbol).Value, cancel: cancel)
            : log.ReadPortfolio(question.PortfolioId, 0, cancel: cancel);

    private static async Task<Explanation?> Fold(Question question, IAsyncEnumerable<StoredEvent> events)
    {
        var fold = new ExplanationFold(question);
        try
        {
            await foreach (var stored in events)
            {
                // Neither the sequence nor the recorded time of a portfolio's events ever goes back.
                if (stored.Sequence > question.Sequence || stored.RecordedAt > question.AsOf)
                    break;
                fold.Add(stored);
            }
        }
        catch (EventReadException e) when (e.Place?.Sequence > question.Sequence)
        {
            // The first event behind the moment is read to see that it is; what it says does not matter.
        }
        return fold.Explain();
    }

    // The row and the stream in one snapshot: a fill between the two would be in one of them only.
    private async Task<Explanation?> AtMarket(Question question, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        await using var snapshot = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancel);
        if (await ReadPrice(connection, question, cancel) is not { } price)
            return null;
        var fold = new ExplanationFold(question);
        var stream = StreamId.Holding(question.PortfolioId, question.Symbol!).Value;
        await foreach (var stored in log.ReadStream(stream, snapshot, cancel))
            fold.Add(stored);
        return fold.ExplainAt(price);
    }

    private static async Task<ExplainedPrice?> ReadPrice(
        NpgsqlConnection connection, Question question, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(Mark, connection);
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = question.PortfolioId });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = question.Symbol! });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        return await reader.ReadAsync(cancel)
            ? new ExplainedPrice(
                Money.Normalize(reader.GetDecimal(0)),
                reader.IsDBNull(1) ? null : reader.GetFieldValue<DateTimeOffset>(1),
                reader.GetString(3))
            {
                Decimals = reader.GetInt32(2),
            }
            : null;
    }
}

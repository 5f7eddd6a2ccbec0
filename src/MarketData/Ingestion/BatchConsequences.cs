using Bifrost.MarketData.Bars;
using Bifrost.MarketData.Prices;
using Bifrost.MarketData.Quality;
using Npgsql;

namespace Bifrost.MarketData.Ingestion;

/// <summary>What is written with the bars of a batch, in one round trip.</summary>
internal static class BatchConsequences
{
    private const string Symbols =
        """
        INSERT INTO market_symbol (symbol, name, market, asset_type, status)
        SELECT u.symbol, u.symbol, $1, $1, 'UNKNOWN' FROM unnest($2::varchar[]) AS u (symbol)
        ON CONFLICT DO NOTHING
        """;

    // A word that is there already is locked by the update until these bars are committed: who rolls up passes it over,
    // where it would otherwise be taken away by somebody who does not see the bars yet. All lock in one order.
    private const string Pending =
        """
        INSERT INTO market_bar_pending AS p (bar_interval, symbol, period)
        SELECT $1, u.symbol, u.period FROM unnest($2::varchar[], $3::date[]) AS u (symbol, period) ORDER BY 2, 3
        ON CONFLICT (bar_interval, period, symbol) DO UPDATE SET period = p.period
        """;

    private const string Quarantined =
        """
        INSERT INTO market_bar_quarantine (source, bar_interval, line, reason, detail, raw)
        SELECT $1, $2, u.line, u.reason, u.detail, u.raw
        FROM unnest($3::bigint[], $4::varchar[], $5::text[], $6::text[]) AS u (line, reason, detail, raw)
        ON CONFLICT DO NOTHING
        """;

    private const string Flags =
        """
        INSERT INTO market_bar_flag (symbol, bar_interval, time, kind, detail)
        SELECT u.symbol, $1, u.time, u.kind, u.detail
        FROM unnest($2::varchar[], $3::timestamptz[], $4::varchar[], $5::text[]) AS u (symbol, time, kind, detail)
        ON CONFLICT DO NOTHING
        """;

    private const string Repeated =
        """
        INSERT INTO market_bar_correction (
            bar_interval, symbol, time, open, high, low, close, volume, adj_close, recorded_at, source)
        SELECT $1, u.symbol, u.time, u.open, u.high, u.low, u.close, u.volume, u.adj_close, now(), $2
        FROM unnest($3::varchar[], $4::timestamptz[], $5::numeric[], $6::numeric[], $7::numeric[], $8::numeric[],
                    $9::bigint[], $10::numeric[])
             AS u (symbol, time, open, high, low, close, volume, adj_close)
        """;

    // The finer of two bars that begin together is the later word; a corrected bar takes its own place.
    private const string Prices =
        """
        INSERT INTO market_last_price AS p (symbol, price, volume, time, bar_interval, version)
        SELECT u.symbol, u.price, u.volume, u.time, $1, v.version
        FROM unnest($2::varchar[], $3::numeric[], $4::bigint[], $5::timestamptz[]) AS u (symbol, price, volume, time),
             (SELECT nextval('market_price_version') AS version) AS v
        ON CONFLICT (symbol) DO UPDATE SET
            price = EXCLUDED.price, volume = EXCLUDED.volume, time = EXCLUDED.time,
            bar_interval = EXCLUDED.bar_interval, version = EXCLUDED.version
        WHERE (EXCLUDED.time, array_position('{day,hour,min}', EXCLUDED.bar_interval))
              >= (p.time, array_position('{day,hour,min}', p.bar_interval))
          AND (EXCLUDED.price, EXCLUDED.volume, EXCLUDED.time, EXCLUDED.bar_interval)
              IS DISTINCT FROM (p.price, p.volume, p.time, p.bar_interval)
        """;

    private const string Retention =
        """
        UPDATE market_bar_retention
        SET enabled = false, changed_at = now(), reason = 'bars older than that were loaded from ' || $3
        WHERE bar_interval = $1 AND enabled AND $2 < now() - keep
        """;

    public static async Task Write(
        NpgsqlConnection connection, Batch batch, BarChanges changed, CancellationToken cancel)
    {
        var interval = batch.Interval.Word();
        await using var statements = new NpgsqlBatch(connection);
        AddQuarantined(statements, batch);
        if (changed.Count > 0)
        {
            Add(
                statements,
                Symbols,
                One(batch.Origin.Market),
                Array(batch.Contents.Spans.Select(span => span.Symbol)));
            Add(
                statements,
                Pending,
                One(interval),
                Array(changed.Periods.Select(period => period.Symbol)),
                Array(changed.Periods.Select(period => period.Period)));
            AddFlags(statements, interval, [.. batch.Given.Flags, .. Duplicates(batch, changed)]);
            AddRepeated(statements, batch, changed);
            if (batch.Origin.OnPurpose)
                Add(statements, Retention, One(interval), One(batch.Contents.Earliest), One(batch.Origin.Source));
            AddPrices(statements, interval, [.. batch.Contents.Prices()]);
        }
        if (statements.BatchCommands.Count > 0)
            await statements.ExecuteNonQueryAsync(cancel);
    }

    private static IEnumerable<BarFlag> Duplicates(Batch batch, BarChanges changed) =>
        batch.Contents.Repeated.Where(pair => changed.Has(pair.Later) && BarWriter.IsOther(pair)).Select(pair =>
            new BarFlag(
                pair.Later.Symbol,
                pair.Later.Time,
                FlagKind.DUPLICATE,
                $"{batch.Origin.Source} has it twice, first with a close of {pair.Earlier.Prices.Close}."));

    private static void AddQuarantined(NpgsqlBatch statements, Batch batch)
    {
        var rows = batch.Given.Quarantined;
        if (rows.Count == 0)
            return;
        Add(
            statements,
            Quarantined,
            One(batch.Origin.Source),
            One(batch.Interval.Word()),
            Array(rows.Select(row => row.Line)),
            Array(rows.Select(row => row.Reason.ToString())),
            Array(rows.Select(row => row.Detail)),
            Array(rows.Select(row => row.Raw)));
    }

    private static void AddFlags(NpgsqlBatch statements, string interval, IReadOnlyList<BarFlag> flags)
    {
        if (flags.Count == 0)
            return;
        Add(
            statements,
            Flags,
            One(interval),
            Array(flags.Select(flag => flag.Symbol)),
            Array(flags.Select(flag => flag.Time)),
            Array(flags.Select(flag => flag.Kind.ToString())),
            Array(flags.Select(flag => flag.Detail)));
    }

    private static void AddRepeated(NpgsqlBatch statements, Batch batch, BarChanges changed)
    {
        var bars = batch.Contents.Repeated
            .Where(pair => changed.Has(pair.Later) && BarWriter.IsOther(pair)).Select(pair => pair.Earlier).ToList();
        if (bars.Count == 0)
            return;
        Add(
            statements,
            Repeated,
            One(batch.Interval.Word()),
            One(batch.Origin.Source),
            Array(bars.Select(bar => bar.Symbol)),
            Array(bars.Select(bar => bar.Time)),
            Array(bars.Select(bar => bar.Prices.Open)),
            Array(bars.Select(bar => bar.Prices.High)),
            Array(bars.Select(bar => bar.Prices.Low)),
            Array(bars.Select(bar => bar.Prices.Close)),
            Array(bars.Select(bar => bar.Volume)),
            Array(bars.Select(bar => bar.AdjClose)));
    }

    private static void AddPrices(NpgsqlBatch statements, string interval, IReadOnlyList<LastPrice> prices) => Add(
        statements,
        Prices,
        One(interval),
        Array(prices.Select(price => price.Symbol)),
        Array(prices.Select(price => price.Price)),
        Array(prices.Select(price => price.Volume)),
        Array(prices.Select(price => price.Time)));

    private static void Add(NpgsqlBatch statements, string sql, params NpgsqlParameter[] parameters)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var parameter in parameters)
            command.Parameters.Add(parameter);
        statements.BatchCommands.Add(command);
    }

    private static NpgsqlParameter<T> One<T>(T value) => new() { TypedValue = value };

    private static NpgsqlParameter<T[]> Array<T>(IEnumerable<T> values) => new() { TypedValue = [.. values] };
}

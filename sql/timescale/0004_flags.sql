-- Why: what is suspicious about bars follows from the stored bars, like rollups, and is found again with them: a gap
-- that a late bar closes is no gap any more. Flags of what only the reading of a source could see (DUPLICATE,
-- VOLUME_ROUNDED) are not touched here.
--
--   JUMP             the close moved by more than a tenth between minutes or hours, by more than a quarter between days
--   GAP              bars of one day (not of the day table) further apart than the day's usual distance
--   ZERO_VOLUME_RUN  30 minutes, 6 hours or 5 days in a row without volume, or a whole day or week of fewer bars
--   OFF_GRID         bars that do not begin on a minute
--
-- Real markets do all of this at times; a flag says where to look, and the bar is stored and served as it came.

CREATE FUNCTION market_flag_bars(bars varchar, symbols varchar[], periods date[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    length interval := CASE bars WHEN 'day' THEN INTERVAL '7 days' ELSE INTERVAL '1 day' END;
    begins timestamptz := (SELECT min(p) FROM unnest(periods) AS p);
    ends   timestamptz := (SELECT max(p) + length FROM unnest(periods) AS p);
BEGIN
    DELETE FROM market_bar_flag f USING unnest(symbols, periods) AS p (symbol, period)
    WHERE f.symbol = p.symbol AND f.bar_interval = bars AND f.time >= p.period AND f.time < p.period + length
      AND f.kind IN ('JUMP', 'GAP', 'ZERO_VOLUME_RUN', 'OFF_GRID');

    EXECUTE format($sql$
        WITH pair AS MATERIALIZED (
            SELECT p.symbol, p.period, before.close AS prior
            FROM unnest($2, $3) AS p (symbol, period)
            LEFT JOIN LATERAL (
                SELECT b.close FROM %1$I b
                WHERE b.symbol = p.symbol AND b.time < p.period AND b.time >= p.period - INTERVAL '10 days'
                  AND b.time >= $5 - INTERVAL '10 days' AND b.time < $6
                ORDER BY b.time DESC LIMIT 1
            ) before ON true
        ), bar AS (
            SELECT b.symbol, p.period, b.time, b.close, b.volume, coalesce(lag(b.close) OVER w, p.prior) AS prior,
                   lag(b.time) OVER w AS before, b.time - lag(b.time) OVER w AS distance,
                   count(*) FILTER (WHERE b.volume > 0) OVER w AS traded
            FROM %1$I b
            JOIN pair p ON p.symbol = b.symbol AND p.period = %2$s
            WHERE b.time >= $5 AND b.time < $6 AND b.symbol = ANY ($2)
            WINDOW w AS (PARTITION BY b.symbol, p.period ORDER BY b.time)
        ), usual AS (
            SELECT symbol, period, count(*) AS bars, greatest(
                mode() WITHIN GROUP (ORDER BY distance),
                CASE $1 WHEN 'min' THEN INTERVAL '1 minute' ELSE INTERVAL '1 hour' END) AS spacing
            FROM bar GROUP BY symbol, period
        ), spaced AS (
            UPDATE daily_price_aggregates d SET spacing = u.spacing
            FROM usual u
            WHERE d.symbol = u.symbol AND d.day = u.period AND d.bar_interval = $1 AND d.day >= $5 AND d.day < $6
              AND d.spacing IS DISTINCT FROM u.spacing
        )
        INSERT INTO market_bar_flag (symbol, bar_interval, time, kind, detail)
        SELECT symbol, $1, time, 'JUMP', format('The close of %%s follows one of %%s.', close, prior)
        FROM bar
        WHERE prior > 0 AND abs(close - prior) > prior * CASE $1 WHEN 'day' THEN 0.25 ELSE 0.1 END
        UNION ALL
        SELECT symbol, $1, time, 'GAP', format('Bars missing after %%s: %%s.',
            to_char(before AT TIME ZONE 'UTC', 'HH24:MI'),
            ceil(extract(epoch FROM distance) / extract(epoch FROM spacing)) - 1)
        FROM bar JOIN usual USING (symbol, period)
        WHERE $1 <> 'day' AND distance > spacing
        UNION ALL
        SELECT symbol, $1, min(time), 'ZERO_VOLUME_RUN', format('Bars in a row without volume: %%s.', count(*))
        FROM bar JOIN usual USING (symbol, period)
        WHERE volume = 0
        GROUP BY symbol, period, traded, usual.bars
        HAVING count(*) >= least(CASE $1 WHEN 'min' THEN 30 WHEN 'hour' THEN 6 ELSE 5 END, usual.bars)
        UNION ALL
        SELECT symbol, $1, min(time), 'OFF_GRID', format('Bars that do not begin on a minute: %%s.', count(*))
        FROM bar WHERE time <> date_trunc('minute', time)
        GROUP BY symbol, period
        $sql$,
        'market_stock_hist_bars_' || bars || '_ts',
        CASE bars WHEN 'day' THEN $key$ date_trunc('week', b.time AT TIME ZONE 'UTC')::date $key$
                  ELSE $key$ (b.time AT TIME ZONE 'UTC')::date $key$ END)
    USING bars, symbols, periods, length, begins, ends;
END $$;

GRANT EXECUTE ON FUNCTION market_flag_bars TO bifrost_app;

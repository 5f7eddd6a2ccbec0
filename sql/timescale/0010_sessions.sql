-- Why: a day of a market is its session and not a day of UTC. Who rolls up says from when until when each day is, of a
-- symbol without an exchange from midnight to midnight of UTC; these functions take it as it is said. What bars leave
-- word of stays days of UTC, so that storing them asks for no exchange. Else as in 0003_rollups.sql and 0004_flags.sql.

DROP FUNCTION market_roll_up_minutes(varchar[], date[]);
DROP FUNCTION market_roll_up_hours(varchar[], date[]);
DROP FUNCTION market_flag_bars(varchar, varchar[], date[]);

-- Minutes to hours, which are of UTC everywhere: those that the days touch.
CREATE FUNCTION market_roll_up_minutes(symbols varchar[], days date[], begins timestamptz[], ends timestamptz[])
RETURNS void
LANGUAGE plpgsql SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    earliest timestamptz := (SELECT date_trunc('hour', min(b), 'UTC') FROM unnest(begins) AS b);
    latest   timestamptz := (SELECT date_trunc('hour', max(e) + INTERVAL '59 minutes 59 seconds', 'UTC')
                             FROM unnest(ends) AS e);
BEGIN
    -- By symbol and day of UTC, so that a bar is looked up and not compared with every period of its symbol.
    WITH day AS MATERIALIZED (
        SELECT DISTINCT p.symbol, u.day::date AS day, date_trunc('hour', p.begins, 'UTC') AS begins,
               date_trunc('hour', p.ends + INTERVAL '59 minutes 59 seconds', 'UTC') AS ends
        FROM unnest($1, $3, $4) AS p (symbol, begins, ends),
             generate_series(date_trunc('day', p.begins AT TIME ZONE 'UTC'), p.ends AT TIME ZONE 'UTC',
                             INTERVAL '1 day') AS u (day)
    ), hour AS (
        SELECT b.symbol, date_trunc('hour', b.time, 'UTC') AS hour, max(b.high) AS high, min(b.low) AS low,
               sum(b.volume) AS volume, avg(b.close) AS mean, count(*) AS bars, sum(b.close) AS close_sum,
               min(b.time) AS first_time, max(b.time) AS last_time
        FROM market_stock_hist_bars_min_ts b
        WHERE b.time >= earliest AND b.time < latest AND b.symbol = ANY (symbols)
          AND EXISTS (SELECT FROM day d WHERE d.symbol = b.symbol AND d.day = (b.time AT TIME ZONE 'UTC')::date
                      AND b.time >= d.begins AND b.time < d.ends)
        GROUP BY 1, 2
    )
    INSERT INTO hourly_price_aggregates AS t
    SELECT h.symbol, h.hour, o.open, h.high, h.low, c.close, h.volume, h.mean, h.bars, h.close_sum, h.first_time,
           h.last_time
    FROM hour h
    JOIN market_stock_hist_bars_min_ts o
        ON o.symbol = h.symbol AND o.time = h.first_time AND o.time >= earliest AND o.time < latest
    JOIN market_stock_hist_bars_min_ts c
        ON c.symbol = h.symbol AND c.time = h.last_time AND c.time >= earliest AND c.time < latest
    ON CONFLICT (symbol, hour) DO UPDATE SET
        open_price = EXCLUDED.open_price, high_price = EXCLUDED.high_price, low_price = EXCLUDED.low_price,
        close_price = EXCLUDED.close_price, total_volume = EXCLUDED.total_volume, avg_price = EXCLUDED.avg_price,
        bar_count = EXCLUDED.bar_count, close_sum = EXCLUDED.close_sum, first_time = EXCLUDED.first_time,
        last_time = EXCLUDED.last_time
    WHERE EXCLUDED.bar_count >= t.bar_count AND t.* IS DISTINCT FROM EXCLUDED.*;

    PERFORM market_roll_up_to_days(symbols, days, begins, ends);
END $$;

-- Hours of minutes to days; a day that does not begin and end with an hour, from its minutes themselves.
CREATE FUNCTION market_roll_up_to_days(symbols varchar[], days date[], begins timestamptz[], ends timestamptz[])
RETURNS void
LANGUAGE plpgsql SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    earliest timestamptz := (SELECT min(b) FROM unnest(begins) AS b);
    latest   timestamptz := (SELECT max(e) FROM unnest(ends) AS e);
BEGIN
    WITH day AS (
        SELECT p.*, p.begins = date_trunc('hour', p.begins, 'UTC') AND p.ends = date_trunc('hour', p.ends, 'UTC')
               AS is_of_hours
        FROM unnest($1, $2, $3, $4) AS p (symbol, day, begins, ends)
    ), part AS (
        SELECT d.symbol, d.day, h.hour AS at, h.open_price AS open, h.high_price AS high, h.low_price AS low,
               h.close_price AS close, h.total_volume AS volume, h.close_sum, h.bar_count AS bars, h.first_time,
               h.last_time
        FROM hourly_price_aggregates h
        JOIN day d ON d.is_of_hours AND d.symbol = h.symbol AND h.hour >= d.begins AND h.hour < d.ends
        WHERE h.hour >= earliest AND h.hour < latest AND h.symbol = ANY (symbols)
        UNION ALL
        SELECT d.symbol, d.day, b.time, b.open, b.high, b.low, b.close, b.volume, b.close, 1, b.time, b.time
        FROM market_stock_hist_bars_min_ts b
        JOIN day d ON NOT d.is_of_hours AND d.symbol = b.symbol AND b.time >= d.begins AND b.time < d.ends
        WHERE b.time >= earliest AND b.time < latest AND b.symbol = ANY (symbols)
    )
    INSERT INTO daily_price_aggregates AS t
    SELECT p.symbol, p.day::timestamp AT TIME ZONE 'UTC', (array_agg(p.open ORDER BY p.at))[1],
           max(p.high), min(p.low), (array_agg(p.close ORDER BY p.at DESC))[1],
           sum(p.volume), sum(p.close_sum) / sum(p.bars), sum(p.bars), 'min', min(p.first_time), max(p.last_time)
    FROM part p
    GROUP BY 1, 2
    ON CONFLICT (symbol, day) DO UPDATE SET
        open_price = EXCLUDED.open_price, high_price = EXCLUDED.high_price, low_price = EXCLUDED.low_price,
        close_price = EXCLUDED.close_price, total_volume = EXCLUDED.total_volume, avg_price = EXCLUDED.avg_price,
        bar_count = EXCLUDED.bar_count, bar_interval = EXCLUDED.bar_interval, first_time = EXCLUDED.first_time,
        last_time = EXCLUDED.last_time
    WHERE t.bar_interval = 'hour' OR EXCLUDED.bar_count >= t.bar_count;
END $$;

-- Hours to days, where the day has no minutes.
CREATE FUNCTION market_roll_up_hours(symbols varchar[], days date[], begins timestamptz[], ends timestamptz[])
RETURNS void
LANGUAGE plpgsql SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    earliest timestamptz := (SELECT min(b) FROM unnest(begins) AS b);
    latest   timestamptz := (SELECT max(e) FROM unnest(ends) AS e);
BEGIN
    INSERT INTO daily_price_aggregates AS t
    SELECT b.symbol, p.day::timestamp AT TIME ZONE 'UTC', (array_agg(b.open ORDER BY b.time))[1], max(b.high),
           min(b.low), (array_agg(b.close ORDER BY b.time DESC))[1], sum(b.volume), avg(b.close), count(*), 'hour',
           min(b.time), max(b.time)
    FROM market_stock_hist_bars_hour_ts b
    JOIN unnest($1, $2, $3, $4) AS p (symbol, day, begins, ends)
        ON p.symbol = b.symbol AND b.time >= p.begins AND b.time < p.ends
    WHERE b.time >= earliest AND b.time < latest AND b.symbol = ANY (symbols)
    GROUP BY 1, 2
    ON CONFLICT (symbol, day) DO UPDATE SET
        open_price = EXCLUDED.open_price, high_price = EXCLUDED.high_price, low_price = EXCLUDED.low_price,
        close_price = EXCLUDED.close_price, total_volume = EXCLUDED.total_volume, avg_price = EXCLUDED.avg_price,
        bar_count = EXCLUDED.bar_count, first_time = EXCLUDED.first_time, last_time = EXCLUDED.last_time
    WHERE t.bar_interval = 'hour' AND EXCLUDED.bar_count >= t.bar_count;
END $$;

-- A period is a day of minutes or of hours, or a week of days.
CREATE FUNCTION market_flag_bars(
    bars varchar, symbols varchar[], periods date[], begins timestamptz[], ends timestamptz[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    earliest timestamptz := (SELECT min(b) FROM unnest(begins) AS b);
    latest   timestamptz := (SELECT max(e) FROM unnest(ends) AS e);
BEGIN
    DELETE FROM market_bar_flag f USING unnest(symbols, begins, ends) AS p (symbol, begins, ends)
    WHERE f.symbol = p.symbol AND f.bar_interval = bars AND f.time >= p.begins AND f.time < p.ends
      AND f.kind IN ('JUMP', 'GAP', 'ZERO_VOLUME_RUN', 'OFF_GRID');

    EXECUTE format($sql$
        WITH pair AS MATERIALIZED (
            SELECT p.symbol, p.period, p.begins, p.ends, before.close AS prior
            FROM unnest($2, $3, $4, $5) AS p (symbol, period, begins, ends)
            LEFT JOIN LATERAL (
                SELECT b.close FROM %1$I b
                WHERE b.symbol = p.symbol AND b.time < p.begins AND b.time >= p.begins - INTERVAL '10 days'
                  AND b.time >= $6 - INTERVAL '10 days' AND b.time < $7
                ORDER BY b.time DESC LIMIT 1
            ) before ON true
        ), bar AS (
            SELECT b.symbol, p.period, b.time, b.close, b.volume, coalesce(lag(b.close) OVER w, p.prior) AS prior,
                   lag(b.time) OVER w AS before, b.time - lag(b.time) OVER w AS distance,
                   count(*) FILTER (WHERE b.volume > 0) OVER w AS traded
            FROM %1$I b
            JOIN pair p ON p.symbol = b.symbol AND %2$s
            WHERE b.time >= $6 AND b.time < $7 AND b.symbol = ANY ($2)
            WINDOW w AS (PARTITION BY b.symbol, p.period ORDER BY b.time)
        ), usual AS (
            SELECT symbol, period, count(*) AS bars, greatest(
                mode() WITHIN GROUP (ORDER BY distance),
                CASE $1 WHEN 'min' THEN INTERVAL '1 minute' ELSE INTERVAL '1 hour' END) AS spacing
            FROM bar GROUP BY symbol, period
        ), spaced AS (
            UPDATE daily_price_aggregates d SET spacing = u.spacing
            FROM usual u
            WHERE d.symbol = u.symbol AND d.day = u.period::timestamp AT TIME ZONE 'UTC' AND d.bar_interval = $1
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
        -- Weeks are many, and each bar is looked up in them; days of minutes or hours are few at a time.
        CASE bars WHEN 'day' THEN $key$ p.period = date_trunc('week', b.time AT TIME ZONE 'UTC')::date $key$
                  ELSE 'b.time >= p.begins AND b.time < p.ends' END)
    USING bars, symbols, periods, begins, ends, earliest, latest;
END $$;

-- Where an instrument's exchange is named, or another one, its days are other days. What is rolled up of bars that are
-- still there is taken away and word is left to make it again; of days whose bars are gone it stays as it was. Word is
-- left first, which waits for who is rolling up, and bars wait until all of it is done.
CREATE FUNCTION instrument_sessions_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    earliest timestamptz;
BEGIN
    PERFORM FROM market_bar_turn FOR UPDATE;
    INSERT INTO market_bar_pending AS p (bar_interval, symbol, period)
    SELECT 'min', NEW.symbol, day FROM (
        SELECT DISTINCT (b.time AT TIME ZONE 'UTC')::date AS day
        FROM market_stock_hist_bars_min_ts b WHERE b.symbol = NEW.symbol
    ) AS d ORDER BY 3
    ON CONFLICT (bar_interval, period, symbol) DO UPDATE SET period = p.period;
    INSERT INTO market_bar_pending AS p (bar_interval, symbol, period)
    SELECT 'hour', NEW.symbol, day FROM (
        SELECT DISTINCT (b.time AT TIME ZONE 'UTC')::date AS day
        FROM market_stock_hist_bars_hour_ts b WHERE b.symbol = NEW.symbol
    ) AS d ORDER BY 3
    ON CONFLICT (bar_interval, period, symbol) DO UPDATE SET period = p.period;
    earliest := least(
        (SELECT min(b.time) FROM market_stock_hist_bars_min_ts b WHERE b.symbol = NEW.symbol),
        (SELECT min(b.time) FROM market_stock_hist_bars_hour_ts b WHERE b.symbol = NEW.symbol));
    DELETE FROM daily_price_aggregates d WHERE d.symbol = NEW.symbol AND d.first_time >= earliest;
    INSERT INTO market_bar_pending AS p (bar_interval, symbol, period)
    SELECT 'day', NEW.symbol, (w.week AT TIME ZONE 'UTC')::date FROM weekly_price_aggregates w
    WHERE w.symbol = NEW.symbol AND w.week >= date_trunc('week', earliest, 'UTC') ORDER BY 3
    ON CONFLICT (bar_interval, period, symbol) DO UPDATE SET period = p.period;
    DELETE FROM weekly_price_aggregates w
    WHERE w.symbol = NEW.symbol AND w.week >= date_trunc('week', earliest, 'UTC');
    RETURN NULL;
END $$;
REVOKE EXECUTE ON FUNCTION instrument_sessions_changed FROM PUBLIC;
CREATE TRIGGER instrument_is_of_an_exchange AFTER INSERT ON instrument
    FOR EACH ROW WHEN (NEW.exchange IS NOT NULL) EXECUTE FUNCTION instrument_sessions_changed();
CREATE TRIGGER instrument_sessions_changed AFTER UPDATE OF exchange ON instrument
    FOR EACH ROW WHEN (NEW.exchange IS DISTINCT FROM OLD.exchange) EXECUTE FUNCTION instrument_sessions_changed();

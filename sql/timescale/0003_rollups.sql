-- Why: rollups follow from the stored bars and from nothing else, so one definition of them serves every kind of
-- storage, late and corrected bars included: a period is simply made again. Each function takes pairs of a symbol and a
-- period, and reads the bars between the first and the last of them.
--
-- A row is not replaced by one of fewer bars: bars go away by retention only, and what was rolled up of them stays.
-- Plans are made anew for each call, so that only the chunks between the two bounds are opened. Opens and closes are
-- looked up by the first and last time, which was measured to take a quarter of the time of ordered aggregates.

-- Minutes to hours, and those to days.
CREATE FUNCTION market_roll_up_minutes(symbols varchar[], days date[]) RETURNS void
LANGUAGE plpgsql SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    begins timestamptz := (SELECT min(d) FROM unnest(days) AS d);
    ends   timestamptz := (SELECT max(d) + 1 FROM unnest(days) AS d);
BEGIN
    WITH hour AS (
        SELECT b.symbol, date_trunc('hour', b.time, 'UTC') AS hour, max(b.high) AS high, min(b.low) AS low,
               sum(b.volume) AS volume, avg(b.close) AS mean, count(*) AS bars, sum(b.close) AS close_sum,
               min(b.time) AS first_time, max(b.time) AS last_time
        FROM market_stock_hist_bars_min_ts b
        JOIN unnest(symbols, days) AS p (symbol, day)
            ON p.symbol = b.symbol AND p.day = (b.time AT TIME ZONE 'UTC')::date
        WHERE b.time >= begins AND b.time < ends AND b.symbol = ANY (symbols)
        GROUP BY 1, 2
    )
    INSERT INTO hourly_price_aggregates AS t
    SELECT h.symbol, h.hour, o.open, h.high, h.low, c.close, h.volume, h.mean, h.bars, h.close_sum, h.first_time,
           h.last_time
    FROM hour h
    JOIN market_stock_hist_bars_min_ts o
        ON o.symbol = h.symbol AND o.time = h.first_time AND o.time >= begins AND o.time < ends
    JOIN market_stock_hist_bars_min_ts c
        ON c.symbol = h.symbol AND c.time = h.last_time AND c.time >= begins AND c.time < ends
    ON CONFLICT (symbol, hour) DO UPDATE SET
        open_price = EXCLUDED.open_price, high_price = EXCLUDED.high_price, low_price = EXCLUDED.low_price,
        close_price = EXCLUDED.close_price, total_volume = EXCLUDED.total_volume, avg_price = EXCLUDED.avg_price,
        bar_count = EXCLUDED.bar_count, close_sum = EXCLUDED.close_sum, first_time = EXCLUDED.first_time,
        last_time = EXCLUDED.last_time
    WHERE EXCLUDED.bar_count >= t.bar_count AND t.* IS DISTINCT FROM EXCLUDED.*;

    INSERT INTO daily_price_aggregates AS t
    SELECT h.symbol, date_trunc('day', h.hour, 'UTC'), (array_agg(h.open_price ORDER BY h.hour))[1],
           max(h.high_price), min(h.low_price), (array_agg(h.close_price ORDER BY h.hour DESC))[1],
           sum(h.total_volume), sum(h.close_sum) / sum(h.bar_count), sum(h.bar_count), 'min', min(h.first_time),
           max(h.last_time)
    FROM hourly_price_aggregates h
    JOIN unnest(symbols, days) AS p (symbol, day)
        ON p.symbol = h.symbol AND p.day = (h.hour AT TIME ZONE 'UTC')::date
    WHERE h.hour >= begins AND h.hour < ends AND h.symbol = ANY (symbols)
    GROUP BY 1, 2
    ON CONFLICT (symbol, day) DO UPDATE SET
        open_price = EXCLUDED.open_price, high_price = EXCLUDED.high_price, low_price = EXCLUDED.low_price,
        close_price = EXCLUDED.close_price, total_volume = EXCLUDED.total_volume, avg_price = EXCLUDED.avg_price,
        bar_count = EXCLUDED.bar_count, bar_interval = EXCLUDED.bar_interval, first_time = EXCLUDED.first_time,
        last_time = EXCLUDED.last_time
    WHERE t.bar_interval = 'hour' OR EXCLUDED.bar_count >= t.bar_count;
END $$;

-- Hours to days, where the day has no minutes.
CREATE FUNCTION market_roll_up_hours(symbols varchar[], days date[]) RETURNS void
LANGUAGE plpgsql SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    begins timestamptz := (SELECT min(d) FROM unnest(days) AS d);
    ends   timestamptz := (SELECT max(d) + 1 FROM unnest(days) AS d);
BEGIN
    INSERT INTO daily_price_aggregates AS t
    SELECT b.symbol, date_trunc('day', b.time, 'UTC'), (array_agg(b.open ORDER BY b.time))[1], max(b.high),
           min(b.low), (array_agg(b.close ORDER BY b.time DESC))[1], sum(b.volume), avg(b.close), count(*), 'hour',
           min(b.time), max(b.time)
    FROM market_stock_hist_bars_hour_ts b
    JOIN unnest(symbols, days) AS p (symbol, day)
        ON p.symbol = b.symbol AND p.day = (b.time AT TIME ZONE 'UTC')::date
    WHERE b.time >= begins AND b.time < ends AND b.symbol = ANY (symbols)
    GROUP BY 1, 2
    ON CONFLICT (symbol, day) DO UPDATE SET
        open_price = EXCLUDED.open_price, high_price = EXCLUDED.high_price, low_price = EXCLUDED.low_price,
        close_price = EXCLUDED.close_price, total_volume = EXCLUDED.total_volume, avg_price = EXCLUDED.avg_price,
        bar_count = EXCLUDED.bar_count, first_time = EXCLUDED.first_time, last_time = EXCLUDED.last_time
    WHERE t.bar_interval = 'hour' AND EXCLUDED.bar_count >= t.bar_count;
END $$;

-- Days to weeks, which are named by their Monday: the daily bars, and of a day that has none its rollup.
CREATE FUNCTION market_roll_up_days(symbols varchar[], weeks date[]) RETURNS void
LANGUAGE plpgsql SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    begins timestamptz := (SELECT min(w) FROM unnest(weeks) AS w);
    ends   timestamptz := (SELECT max(w) + 7 FROM unnest(weeks) AS w);
BEGIN
    WITH own AS (
        SELECT b.symbol, b.time, b.open, b.high, b.low, b.close, b.volume::numeric AS volume
        FROM market_stock_hist_bars_day_ts b
        WHERE b.time >= begins AND b.time < ends AND b.symbol = ANY (symbols)
    ), bar AS (
        SELECT * FROM own
        UNION ALL
        SELECT d.symbol, d.day, d.open_price, d.high_price, d.low_price, d.close_price, d.total_volume
        FROM daily_price_aggregates d
        WHERE d.day >= begins AND d.day < ends AND d.symbol = ANY (symbols)
          AND NOT EXISTS (SELECT FROM own WHERE own.symbol = d.symbol AND own.time = d.day)
    )
    INSERT INTO weekly_price_aggregates AS t
    SELECT b.symbol, date_trunc('week', b.time, 'UTC'), (array_agg(b.open ORDER BY b.time))[1], max(b.high),
           min(b.low), (array_agg(b.close ORDER BY b.time DESC))[1], sum(b.volume), avg(b.close), count(*)
    FROM bar b
    JOIN unnest(symbols, weeks) AS p (symbol, week)
        ON p.symbol = b.symbol AND p.week = date_trunc('week', b.time AT TIME ZONE 'UTC')::date
    GROUP BY 1, 2
    ON CONFLICT (symbol, week) DO UPDATE SET
        open_price = EXCLUDED.open_price, high_price = EXCLUDED.high_price, low_price = EXCLUDED.low_price,
        close_price = EXCLUDED.close_price, total_volume = EXCLUDED.total_volume, avg_price = EXCLUDED.avg_price,
        bar_count = EXCLUDED.bar_count
    WHERE EXCLUDED.bar_count >= t.bar_count AND t.* IS DISTINCT FROM EXCLUDED.*;
END $$;

GRANT EXECUTE ON FUNCTION market_roll_up_minutes, market_roll_up_hours, market_roll_up_days TO bifrost_app;

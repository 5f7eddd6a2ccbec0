-- Why: what a holding was worth is asked for as of a moment, and bars are loaded late and corrected. A price is that of
-- the bar that had begun last, and of bars that began together the finest, among those that were known at a moment.
-- Where only_ended, a bar counts from its end on, when its close was true.

CREATE FUNCTION market_prices_of(symbols varchar[], until timestamptz, known timestamptz, only_ended boolean)
RETURNS TABLE (symbol varchar, price numeric, price_at timestamptz, bar_interval varchar)
LANGUAGE sql STABLE AS $$
SELECT s.symbol, ledger.price(b.close), b.time, b.word
FROM unnest(symbols) AS s (symbol)
CROSS JOIN LATERAL (
    SELECT * FROM (
        (SELECT m.close, m.time, 'min' AS word, 3 AS fineness FROM market_stock_hist_bars_min_ts m
         WHERE m.symbol = s.symbol AND m.recorded_at <= known
           AND m.time <= until - CASE WHEN only_ended THEN interval '1 minute' ELSE interval '0' END
         ORDER BY m.time DESC LIMIT 1)
        UNION ALL
        (SELECT h.close, h.time, 'hour', 2 FROM market_stock_hist_bars_hour_ts h
         WHERE h.symbol = s.symbol AND h.recorded_at <= known
           AND h.time <= until - CASE WHEN only_ended THEN interval '1 hour' ELSE interval '0' END
         ORDER BY h.time DESC LIMIT 1)
        UNION ALL
        (SELECT d.close, d.time, 'day', 1 FROM market_stock_hist_bars_day_ts d
         WHERE d.symbol = s.symbol AND d.recorded_at <= known
           AND d.time <= until - CASE WHEN only_ended THEN interval '1 day' ELSE interval '0' END
         ORDER BY d.time DESC LIMIT 1)
        UNION ALL
        (SELECT c.close, c.time, c.bar_interval, array_position('{day,hour,min}', c.bar_interval)
         FROM market_bar_correction c
         WHERE c.symbol = s.symbol AND c.recorded_at <= known AND c.replaced_at > known
           AND c.time <= until - CASE WHEN NOT only_ended THEN interval '0' ELSE
               CASE c.bar_interval WHEN 'min' THEN interval '1 minute' WHEN 'hour' THEN interval '1 hour'
                                   ELSE interval '1 day' END END
         ORDER BY c.time DESC, 4 DESC LIMIT 1)
    ) AS candidates ORDER BY time DESC, fineness DESC LIMIT 1
) AS b
$$;
GRANT EXECUTE ON FUNCTION market_prices_of TO bifrost_app;

-- Why: names of options, of pairs and of what trades on a chain are longer than the twenty characters of the legacy
-- schema. A wider column is a change of the catalog only: no row and no index is written anew. What is made of the
-- columns has to be made again.

DROP VIEW ledger.holding_mark;
DROP VIEW market_overview;
DROP VIEW market_bar_close;

-- Where bars are compressed TimescaleDB lets no column change. The server compresses them again when it next does what
-- the rules of retention ask for.
DO $$
DECLARE
    bars text;
BEGIN
    IF NOT EXISTS (SELECT FROM pg_extension WHERE extname = 'timescaledb') THEN
        RETURN;
    END IF;
    FOR bars IN EXECUTE $sql$
        SELECT format('%I', hypertable_name) FROM timescaledb_information.hypertables
        WHERE hypertable_name LIKE 'market_stock_hist_bars_%' AND compression_enabled
    $sql$ LOOP
        EXECUTE format('SELECT remove_compression_policy(%L, if_exists => true)', bars);
        EXECUTE format('SELECT decompress_chunk(c, if_compressed => true) FROM show_chunks(%L) AS c', bars);
        EXECUTE format('ALTER TABLE %s SET (timescaledb.compress = false)', bars);
    END LOOP;
END $$;

DO $$
DECLARE
    named text;
BEGIN
    FOREACH named IN ARRAY ARRAY[
        'market_symbol', 'market_stock', 'holding', 'transaction', 'order', 'trade', 'funding',
        'market_stock_hist_bars_min_ts', 'market_stock_hist_bars_hour_ts', 'market_stock_hist_bars_day_ts',
        'market_bar_correction', 'market_bar_flag', 'market_bar_pending', 'hourly_price_aggregates',
        'daily_price_aggregates', 'weekly_price_aggregates', 'market_last_price']
    LOOP
        EXECUTE format('ALTER TABLE public.%I ALTER COLUMN symbol TYPE varchar(32)', named);
    END LOOP;
END $$;

CREATE VIEW market_bar_close AS
SELECT symbol, time, close, 3 AS fineness FROM market_stock_hist_bars_min_ts
UNION ALL
SELECT symbol, time, close, 2 FROM market_stock_hist_bars_hour_ts
UNION ALL
SELECT symbol, time, close, 1 FROM market_stock_hist_bars_day_ts;

CREATE VIEW market_overview AS
SELECT s.symbol, s.name, s.market, s.asset_type, s.status, k.industry, k.sector, k.exchange,
       coalesce(newest.close, 0) AS current_price, coalesce(newest.volume, 0) AS current_volume,
       coalesce(today.change_percent, 0) AS daily_change_percent
FROM market_symbol s
LEFT JOIN market_stock k ON k.symbol = s.symbol
LEFT JOIN LATERAL (
    SELECT b.close, b.volume FROM market_stock_hist_bars_day_ts b
    WHERE b.symbol = s.symbol ORDER BY b.time DESC LIMIT 1
) newest ON true
LEFT JOIN LATERAL (
    SELECT ((array_agg(b.close ORDER BY b.time DESC))[1] - (array_agg(b.open ORDER BY b.time))[1])
           / nullif((array_agg(b.open ORDER BY b.time))[1], 0) * 100 AS change_percent
    FROM market_stock_hist_bars_day_ts b WHERE b.symbol = s.symbol AND b.time >= current_date
) today ON true;

CREATE VIEW ledger.holding_mark AS
SELECT h.holding_id, h.portfolio_id, h.price_at,
       CASE
           WHEN EXISTS (SELECT FROM market_last_price p
                        WHERE p.symbol = h.symbol AND p.time = h.price_at AND p.price = h.current_price)
               OR EXISTS (SELECT FROM market_bar_close b
                          WHERE b.symbol = h.symbol AND b.time = h.price_at AND ledger.price(b.close) = h.current_price)
               OR EXISTS (SELECT FROM market_bar_correction b
                          WHERE b.symbol = h.symbol AND b.time = h.price_at AND ledger.price(b.close) = h.current_price)
           THEN h.current_price
           ELSE coalesce(
               (SELECT p.price FROM market_last_price p WHERE p.symbol = h.symbol AND p.time = h.price_at),
               (SELECT ledger.price(b.close) FROM market_bar_close b
                WHERE b.symbol = h.symbol AND b.time = h.price_at ORDER BY b.fineness DESC LIMIT 1))
       END AS price
FROM holding h
WHERE h.price_at IS NOT NULL;

GRANT SELECT ON market_overview, market_bar_close
    TO market_data_service_user, ledger_writer, portfolio_service_user, execution_service_user, strategy_service_user,
    risk_service_user, web_portal_user, analytics_service_user;
GRANT SELECT ON ledger.holding_mark TO ledger_writer, portfolio_service_user;

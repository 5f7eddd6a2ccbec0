-- Why: where TimescaleDB is, the tables of bars are hypertables, in chunks as in the legacy schema; where it is not
-- they stay plain tables with the same keys. The extension's own index on time is left out: every read names symbols or
-- goes through the kept rollups, and a second index would take a third of the load rate.
--
-- Chunks of a day or a week suit what comes in live. Old data in them would be mostly empty chunks: 62 years of daily
-- bars make 3,200 of a week each, which was measured to take 14 s to load and 0.6 s to plan a read of, against 0.3 s
-- and 4 ms in chunks of a year. So market_bar_chunks widens the chunks that a load of old bars makes.

DO $$
BEGIN
    -- Where the server has loaded the library, its settings are known; creating the extension without it would fail.
    IF current_setting('timescaledb.disable_load', true) = 'off' THEN
        BEGIN
            CREATE EXTENSION IF NOT EXISTS timescaledb;
        EXCEPTION WHEN insufficient_privilege THEN
            RAISE WARNING 'TimescaleDB is there, but % may not create it in this database', current_user;
        END;
    END IF;
    -- Neither the extension nor its types can be named where it is absent, so the calls are text.
    IF NOT EXISTS (SELECT FROM pg_extension WHERE extname = 'timescaledb') THEN
        RETURN;
    END IF;
    EXECUTE $call$ SELECT create_hypertable('market_stock_hist_bars_min_ts',
        by_range('time', INTERVAL '1 day'), create_default_indexes => false) $call$;
    EXECUTE $call$ SELECT create_hypertable('market_stock_hist_bars_hour_ts',
        by_range('time', INTERVAL '1 day'), create_default_indexes => false) $call$;
    EXECUTE $call$ SELECT create_hypertable('market_stock_hist_bars_day_ts',
        by_range('time', INTERVAL '7 days'), create_default_indexes => false) $call$;
END $$;

-- Sets how wide the chunks are that the transaction makes from here on. Setting it back before the commit keeps others
-- from seeing it. Runs as the owner, because only he may.
CREATE FUNCTION market_bar_chunks(bars regclass, wide boolean) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_extension WHERE extname = 'timescaledb') THEN
        RETURN;
    END IF;
    EXECUTE format(
        'SELECT set_chunk_time_interval(%L, INTERVAL %L)',
        bars,
        CASE bars
            WHEN 'market_stock_hist_bars_min_ts'::regclass THEN CASE WHEN wide THEN '7 days' ELSE '1 day' END
            WHEN 'market_stock_hist_bars_hour_ts'::regclass THEN CASE WHEN wide THEN '30 days' ELSE '1 day' END
            WHEN 'market_stock_hist_bars_day_ts'::regclass THEN CASE WHEN wide THEN '365 days' ELSE '7 days' END
        END);
END $$;
REVOKE EXECUTE ON FUNCTION market_bar_chunks FROM PUBLIC;
GRANT EXECUTE ON FUNCTION market_bar_chunks TO bifrost_app;

-- Why: market data is written by its own service alone, which cannot reach the ledger's tables; others read it. The
-- service owns the bars, because only the owner of a hypertable may drop its old chunks, and so needs no login of the
-- database's owner for that.

GRANT SELECT, INSERT, UPDATE ON market_stock, hourly_price_aggregates, daily_price_aggregates, weekly_price_aggregates,
    market_last_price, market_bar_retention TO market_data_service_user;
GRANT SELECT, INSERT ON market_bar_correction, market_bar_quarantine TO market_data_service_user;
GRANT SELECT, INSERT, UPDATE, DELETE ON market_bar_flag, market_bar_pending TO market_data_service_user;
GRANT SELECT ON market_overview, market_bar_close TO market_data_service_user;
GRANT USAGE ON SEQUENCE market_price_version TO market_data_service_user;
GRANT EXECUTE ON FUNCTION market_bar_chunks TO market_data_service_user;

-- A new owner has to be one that might have made the table.
GRANT CREATE ON SCHEMA public TO market_data_service_user;
DO $$
DECLARE
    bars text;
BEGIN
    FOREACH bars IN ARRAY ARRAY[
        'market_stock_hist_bars_min_ts', 'market_stock_hist_bars_hour_ts', 'market_stock_hist_bars_day_ts']
    LOOP
        EXECUTE format('ALTER TABLE %I OWNER TO market_data_service_user', bars);
        EXECUTE format('GRANT ALL ON %I TO CURRENT_USER', bars);
    END LOOP;
END $$;
REVOKE CREATE ON SCHEMA public FROM market_data_service_user;

GRANT SELECT ON market_stock, market_stock_hist_bars_min_ts, market_stock_hist_bars_hour_ts,
    market_stock_hist_bars_day_ts, hourly_price_aggregates, daily_price_aggregates, weekly_price_aggregates,
    market_last_price, market_bar_correction, market_bar_flag, market_overview, market_bar_close
    TO ledger_writer, portfolio_service_user, execution_service_user, strategy_service_user, risk_service_user,
    web_portal_user, analytics_service_user;
GRANT SELECT ON ledger.holding_mark TO ledger_writer, portfolio_service_user;

-- The one role that there was before.
DROP OWNED BY bifrost_app;

-- Why: prices of the market have as many decimals as a price may have. What is made of the column is made again as it
-- is.

DO $$
DECLARE
    marks text := pg_get_viewdef('ledger.holding_mark');
BEGIN
    DROP VIEW ledger.holding_mark;
    ALTER TABLE market_last_price ALTER COLUMN price TYPE numeric;
    EXECUTE 'CREATE VIEW ledger.holding_mark AS ' || marks;
END $$;

GRANT SELECT ON ledger.holding_mark TO ledger_writer, portfolio_service_user;

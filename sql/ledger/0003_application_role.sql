-- Why: the server works as bifrost_app, which may append to the log and keep the projections, and may not change or
-- take back an event even where the trigger that refuses it were dropped by mistake.

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'bifrost_app') THEN
        CREATE ROLE bifrost_app NOLOGIN;
    END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
    -- Another database of this server made the role at the same moment.
    NULL;
END $$;
GRANT bifrost_app TO CURRENT_USER;

GRANT USAGE ON SCHEMA events, ledger, public TO bifrost_app;
GRANT SELECT, INSERT ON events.mt_events, ledger.portfolio_event, ledger.command_receipt TO bifrost_app;
GRANT SELECT, INSERT ON events.mt_streams TO bifrost_app;
GRANT UPDATE (version, timestamp) ON events.mt_streams TO bifrost_app;
GRANT SELECT, INSERT, UPDATE ON events.mt_event_progression TO bifrost_app;
GRANT SELECT, INSERT ON auth_user, market_symbol TO bifrost_app;
GRANT SELECT, INSERT, UPDATE, DELETE
    ON portfolio, holding, transaction, "order", trade, cash_balance, funding TO bifrost_app;
GRANT SELECT ON portfolio_summary TO bifrost_app;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public, events TO bifrost_app;

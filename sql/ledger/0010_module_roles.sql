-- Why: each module of the server works as a role of its own that may do what the module does and no more. Only the
-- ledger's writer inserts events; nobody updates or deletes one. The roles are of the whole server and have no password
-- until one is set, which is done when the schema is applied and never here.

DO $$
DECLARE
    module text;
BEGIN
    FOREACH module IN ARRAY ARRAY[
        'ledger_writer', 'portfolio_service_user', 'execution_service_user', 'market_data_service_user',
        'strategy_service_user', 'risk_service_user', 'web_portal_user', 'analytics_service_user']
    LOOP
        BEGIN
            IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = module) THEN
                EXECUTE format('CREATE ROLE %I LOGIN', module);
            END IF;
        EXCEPTION WHEN duplicate_object OR unique_violation THEN
            -- Another database of this server made the role at the same moment.
            NULL;
        END;
        EXECUTE format('GRANT %I TO CURRENT_USER', module);
        EXECUTE format('GRANT USAGE ON SCHEMA events, ledger, public TO %I', module);
    END LOOP;
END $$;

-- The ledger's writer: commits of the portfolio and the execution service, and rebuilds of what follows from the log.
GRANT SELECT, INSERT ON events.mt_events, ledger.portfolio_event, ledger.command_receipt TO ledger_writer;
GRANT SELECT, INSERT, UPDATE (version, timestamp) ON events.mt_streams TO ledger_writer;
GRANT SELECT, INSERT, UPDATE, DELETE
    ON portfolio, holding, transaction, "order", trade, cash_balance, funding TO ledger_writer;
GRANT SELECT, INSERT ON auth_user, market_symbol TO ledger_writer;
GRANT SELECT, INSERT, UPDATE, DELETE ON ledger.portfolio_snapshot TO ledger_writer;
GRANT USAGE ON SEQUENCE events.mt_events_sequence TO ledger_writer;

-- The portfolio service: reads, takes blocks of ids, marks holdings with prices, keeps snapshots.
GRANT SELECT ON events.mt_events, events.mt_streams, ledger.portfolio_event, ledger.command_receipt,
    ledger.log_identity, portfolio, holding, transaction, "order", trade, cash_balance, funding, portfolio_summary,
    auth_user, market_symbol TO portfolio_service_user;
GRANT SELECT, INSERT, UPDATE ON events.mt_event_progression TO portfolio_service_user;
GRANT SELECT ON ledger.api_key TO portfolio_service_user;
GRANT SELECT, INSERT ON ledger.access_record TO portfolio_service_user;
GRANT SELECT, INSERT, UPDATE, DELETE ON ledger.portfolio_snapshot TO portfolio_service_user;
GRANT UPDATE (current_price, price_at) ON holding TO portfolio_service_user;
GRANT UPDATE (current_value) ON portfolio TO portfolio_service_user;
GRANT USAGE ON SEQUENCE portfolio_portfolio_id_seq, cash_balance_cash_balance_id_seq, holding_holding_id_seq,
    order_order_id_seq, trade_trade_id_seq, transaction_transaction_id_seq, funding_funding_id_seq
    TO portfolio_service_user;

-- What reads the ledger's tables and writes none of them.
GRANT SELECT ON portfolio, holding, transaction, "order", trade, cash_balance, funding, portfolio_summary, market_symbol
    TO execution_service_user, strategy_service_user, risk_service_user, web_portal_user, analytics_service_user;
GRANT SELECT ON events.mt_events, events.mt_streams, ledger.portfolio_event
    TO execution_service_user, analytics_service_user;
GRANT SELECT, INSERT, UPDATE ON market_symbol TO market_data_service_user;

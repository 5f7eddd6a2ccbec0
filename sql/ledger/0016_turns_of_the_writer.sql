-- Why: commits took turns by an advisory lock, which whoever may log in can take and keep, and so halt every commit. A
-- row is locked by those only who may update it. A node of before would not wait for those that take turns by the row.

DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_stat_activity
        WHERE datname = current_database() AND application_name = 'bifrost writer') THEN
        RAISE EXCEPTION 'A node of another version commits to this database'
            USING HINT = 'Stop all nodes, then start the new ones.';
    END IF;
END $$;

CREATE TABLE ledger.append_turn (
    only_row boolean NOT NULL DEFAULT true
        CONSTRAINT append_turn_pkey PRIMARY KEY CONSTRAINT append_turn_is_one CHECK (only_row)
);
INSERT INTO ledger.append_turn DEFAULT VALUES;
GRANT SELECT, UPDATE ON ledger.append_turn TO ledger_writer;

-- Ids of the legacy tables are integers, and whoever takes blocks of them could take all that there are. So the writer
-- takes them, and no role that only reads.
REVOKE USAGE ON SEQUENCE portfolio_portfolio_id_seq, cash_balance_cash_balance_id_seq, holding_holding_id_seq,
    order_order_id_seq, trade_trade_id_seq, transaction_transaction_id_seq, funding_funding_id_seq
    FROM portfolio_service_user;
GRANT USAGE ON SEQUENCE portfolio_portfolio_id_seq, cash_balance_cash_balance_id_seq, holding_holding_id_seq,
    order_order_id_seq, trade_trade_id_seq, transaction_transaction_id_seq, funding_funding_id_seq TO ledger_writer;

-- Who may update a whole table may lock it against everybody; who may update its columns may not. The writer adds
-- symbols to this one.
REVOKE UPDATE ON market_symbol FROM market_data_service_user;
DO $$
BEGIN
    EXECUTE format(
        'GRANT UPDATE (%s) ON market_symbol TO market_data_service_user',
        (SELECT string_agg(quote_ident(attname), ', ') FROM pg_attribute
         WHERE attrelid = 'market_symbol'::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''));
END $$;

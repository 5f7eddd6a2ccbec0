-- Why: quantities and prices of coins and of funds have more than eight decimals, and one of an option or a future is
-- worth more than its price. Columns of what is exact hold as many digits as are recorded: numeric without a scale;
-- what is there already is not written anew. The three generated columns of a holding know its multiplier, and the
-- table is made anew because the legacy order of its columns is to stay.

-- What market data has made of the table is made again as it was.
CREATE TEMP TABLE holding_mark_before AS
SELECT pg_get_viewdef(v.view) AS definition FROM (SELECT to_regclass('ledger.holding_mark') AS view) AS v
WHERE v.view IS NOT NULL;
DROP VIEW IF EXISTS ledger.holding_mark;
DROP VIEW IF EXISTS portfolio_summary;

ALTER TABLE transaction
    ALTER COLUMN quantity TYPE numeric,
    ALTER COLUMN price TYPE numeric,
    ALTER COLUMN commission TYPE numeric,
    ALTER COLUMN tax TYPE numeric,
    ALTER COLUMN fee_quantity TYPE numeric,
    ADD COLUMN multiplier numeric NOT NULL DEFAULT 1;

ALTER TABLE "order"
    ALTER COLUMN quantity TYPE numeric,
    ALTER COLUMN price TYPE numeric,
    ALTER COLUMN stop_price TYPE numeric,
    ALTER COLUMN filled_quantity TYPE numeric,
    ALTER COLUMN filled_price TYPE numeric;

ALTER TABLE trade
    ALTER COLUMN entry_price TYPE numeric,
    ALTER COLUMN exit_price TYPE numeric,
    ALTER COLUMN quantity TYPE numeric,
    ALTER COLUMN profit_actual TYPE numeric,
    ALTER COLUMN net_profit TYPE numeric,
    ADD COLUMN multiplier numeric NOT NULL DEFAULT 1;

ALTER TABLE portfolio ALTER COLUMN realized_pnl TYPE numeric;

-- Nobody was held to what was assumed where nobody had said it.
ALTER TABLE instrument
    ALTER COLUMN quantity_decimals SET DEFAULT 18,
    ALTER COLUMN price_decimals SET DEFAULT 18;
UPDATE instrument SET quantity_decimals = 18 WHERE quantity_decimals = 8;
UPDATE instrument SET price_decimals = 18 WHERE price_decimals = 8;

-- A price as it is told, half to even at the last decimal that a price may have.
CREATE OR REPLACE FUNCTION ledger.price(price numeric) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN scale(price) <= 18 THEN price
            WHEN abs(price * 1000000000000000000) % 1 = 0.5 THEN round(price * 0.5, 18) * 2
            ELSE round(price, 18) END;

-- What is made of a price has eight decimals, or all where the price has more.
CREATE OR REPLACE FUNCTION ledger.price_today(price numeric, told_at timestamptz, splits text) RETURNS numeric
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
    split text;
    terms text[];
    decimals integer;
BEGIN
    FOREACH split IN ARRAY string_to_array(splits, ';') LOOP
        terms := string_to_array(split, ' ');
        IF told_at <= terms[1]::timestamptz THEN
            decimals := CASE WHEN scale(trim_scale(price)) > 8 THEN 18 ELSE 8 END;
            price := ledger.rounded((price * terms[3]::numeric)::numeric(100, 60) / terms[2]::numeric, decimals);
        END IF;
    END LOOP;
    RETURN price;
END $$;

-- Half to even, at so many decimals.
CREATE OR REPLACE FUNCTION ledger.rounded(amount numeric, decimals integer) RETURNS numeric
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    RETURN CASE WHEN abs(amount * CASE decimals WHEN 2 THEN 100 ELSE 10::numeric ^ decimals END) % 1 = 0.5
                THEN round(amount * 0.5, decimals) * 2
                ELSE round(amount, decimals) END;
END $$;

ALTER TABLE holding RENAME TO holding_before_multipliers;
ALTER TABLE holding_before_multipliers RENAME CONSTRAINT holding_pkey TO holding_before_multipliers_pkey;
ALTER TABLE holding_before_multipliers
    RENAME CONSTRAINT holding_portfolio_id_symbol_key TO holding_before_multipliers_symbol_key;
ALTER INDEX idx_holding_symbol RENAME TO idx_holding_before_multipliers_symbol;

CREATE TABLE holding (
    holding_id             integer        NOT NULL DEFAULT nextval('holding_holding_id_seq'),
    portfolio_id           integer        NOT NULL,
    symbol                 varchar(32)    NOT NULL,
    quantity               numeric        NOT NULL DEFAULT 0,
    average_price          numeric        NOT NULL DEFAULT 0,
    current_price          numeric        NOT NULL DEFAULT 0,
    market_value           numeric
        GENERATED ALWAYS AS (ledger.rounded(quantity * current_price * multiplier, decimals)) STORED,
    unrealized_pnl         numeric
        GENERATED ALWAYS AS (ledger.rounded(quantity * current_price * multiplier - cost_basis, decimals)) STORED,
    unrealized_pnl_percent numeric(10, 4) GENERATED ALWAYS AS (
        ledger.ratio((quantity * current_price * multiplier - cost_basis) * 100, abs(cost_basis))) STORED,
    created_at             timestamptz    DEFAULT now(),
    updated_at             timestamptz    DEFAULT now(),
    cost_basis             numeric        NOT NULL,
    realized_pnl           numeric        NOT NULL,
    price_at               timestamptz,
    splits                 text,
    multiplier             numeric        NOT NULL DEFAULT 1,
    currency               varchar(10),
    decimals               integer        NOT NULL DEFAULT 2,
    base_cost_basis        numeric,
    base_realized_pnl      numeric,
    fx_realized_pnl        numeric,
    CONSTRAINT holding_pkey PRIMARY KEY (holding_id),
    CONSTRAINT holding_portfolio_id_symbol_key UNIQUE (portfolio_id, symbol)
) WITH (fillfactor = 50);
CREATE INDEX idx_holding_symbol ON holding (symbol);
ALTER SEQUENCE holding_holding_id_seq OWNED BY holding.holding_id;

INSERT INTO holding (
    holding_id, portfolio_id, symbol, quantity, average_price, current_price, created_at, updated_at, cost_basis,
    realized_pnl, price_at, splits)
SELECT holding_id, portfolio_id, symbol, quantity, average_price, current_price, created_at, updated_at, cost_basis,
       realized_pnl, price_at, splits
FROM holding_before_multipliers;
DROP TABLE holding_before_multipliers;

GRANT SELECT, INSERT, UPDATE, DELETE ON holding TO ledger_writer;
GRANT SELECT ON holding
    TO portfolio_service_user, execution_service_user, strategy_service_user, risk_service_user, web_portal_user,
    analytics_service_user;
GRANT UPDATE (current_price, price_at) ON holding TO portfolio_service_user;

DO $$
DECLARE
    made text;
BEGIN
    FOR made IN SELECT definition FROM holding_mark_before LOOP
        EXECUTE 'CREATE VIEW ledger.holding_mark AS ' || made;
    END LOOP;
END $$;
DROP TABLE holding_mark_before;

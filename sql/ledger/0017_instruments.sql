-- Why: a symbol is a name and says nothing of what it names: in what it is quoted, how much one of it is, where it
-- trades. Sources call one instrument by many names, so names lead to it, for a source and for a time. Market data
-- describes instruments, everybody reads them. Whoever keeps them in memory is told when they change.

CREATE TABLE instrument (
    instrument_id             integer      GENERATED ALWAYS AS IDENTITY
        CONSTRAINT instrument_pkey PRIMARY KEY,
    symbol                    varchar(32)  NOT NULL
        CONSTRAINT instrument_symbol_key UNIQUE
        CONSTRAINT instrument_symbol_fkey REFERENCES market_symbol (symbol),
    type                      varchar(20)  NOT NULL CONSTRAINT instrument_type CHECK (
        type = ANY ('{STOCK,ETF,FUND,BOND,OPTION,FUTURE,CURRENCY_PAIR,COIN,INDEX}')),
    currency                  varchar(10),
    multiplier                numeric      NOT NULL DEFAULT 1 CONSTRAINT instrument_multiplier CHECK (multiplier > 0),
    quantity_decimals         smallint     NOT NULL DEFAULT 8
        CONSTRAINT instrument_quantity_decimals CHECK (quantity_decimals BETWEEN 0 AND 18),
    price_decimals            smallint     NOT NULL DEFAULT 8
        CONSTRAINT instrument_price_decimals CHECK (price_decimals BETWEEN 0 AND 18),
    allows_non_positive_price boolean      NOT NULL DEFAULT false,
    exchange                  varchar(10),
    status                    varchar(20)  NOT NULL DEFAULT 'ACTIVE',
    listed_on                 date,
    delisted_on               date,
    name                      varchar(200),
    created_at                timestamptz  NOT NULL DEFAULT now(),
    updated_at                timestamptz  NOT NULL DEFAULT now()
);

-- A source of * is any. That the times of one name do not overlap is seen to where changes take turns.
CREATE TABLE instrument_alias (
    alias         varchar(32) NOT NULL,
    source        varchar(50) NOT NULL,
    valid_from    timestamptz NOT NULL DEFAULT '-infinity',
    valid_to      timestamptz NOT NULL DEFAULT 'infinity',
    instrument_id integer     NOT NULL
        CONSTRAINT instrument_alias_instrument_id_fkey REFERENCES instrument (instrument_id),
    created_at    timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT instrument_alias_pkey PRIMARY KEY (alias, source, valid_from),
    CONSTRAINT instrument_alias_times CHECK (valid_from < valid_to)
);
CREATE INDEX idx_instrument_alias_instrument_id ON instrument_alias (instrument_id);

-- Changes take turns by this row, and its version says whether something has changed.
CREATE TABLE instrument_change (
    only_row boolean NOT NULL DEFAULT true
        CONSTRAINT instrument_change_pkey PRIMARY KEY CONSTRAINT instrument_change_is_one CHECK (only_row),
    version  bigint  NOT NULL DEFAULT 0
);
INSERT INTO instrument_change DEFAULT VALUES;

CREATE FUNCTION instrument_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE instrument_change SET version = version + 1;
    PERFORM pg_notify('instrument_changed', '');
    RETURN NULL;
END $$;
CREATE TRIGGER instrument_changed AFTER INSERT OR UPDATE OR DELETE ON instrument
    FOR EACH STATEMENT EXECUTE FUNCTION instrument_changed();
CREATE TRIGGER instrument_changed AFTER INSERT OR UPDATE OR DELETE ON instrument_alias
    FOR EACH STATEMENT EXECUTE FUNCTION instrument_changed();

-- What there is under a name, which so cannot be an alias of something else; null where there is nothing. Market data
-- cannot read the ledger's tables, and learns no more of them than this.
CREATE FUNCTION instrument_use_of(name varchar) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN CASE
        WHEN EXISTS (SELECT FROM market_last_price p WHERE p.symbol = name) THEN 'bars'
        WHEN EXISTS (SELECT FROM holding h WHERE h.symbol = name) THEN 'holdings'
        WHEN EXISTS (
            SELECT FROM "order" o WHERE o.symbol = name AND o.status = ANY ('{PENDING,PARTIALLY_FILLED}')
        ) THEN 'open orders'
    END;
END $$;
REVOKE EXECUTE ON FUNCTION instrument_use_of FROM PUBLIC;
GRANT EXECUTE ON FUNCTION instrument_use_of TO market_data_service_user;

GRANT SELECT, INSERT, UPDATE ON instrument TO market_data_service_user;
GRANT SELECT, INSERT, UPDATE, DELETE ON instrument_alias TO market_data_service_user;
GRANT SELECT, UPDATE ON instrument_change TO market_data_service_user;
GRANT SELECT ON instrument, instrument_alias
    TO ledger_writer, portfolio_service_user, execution_service_user, strategy_service_user, risk_service_user,
    web_portal_user, analytics_service_user;

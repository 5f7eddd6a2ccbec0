-- Why: the tables that existing programs read, as projections of the log. Legacy names and columns come first, in
-- their order; columns of ours follow. Quantities and prices are widened to NUMERIC(20,8), because the log holds up to
-- eight decimals and a projection must not cut them; times are timestamptz. No trigger sets updated_at: it comes from
-- the events, so that a rebuild gives the same rows.
--
-- Two things of the legacy schema are left out on purpose. Foreign keys to portfolio and market_symbol: checking them
-- was measured to take an order's insert from 8 to 20 microseconds, the one writer makes both rows in one transaction,
-- and replay verify names a row whose portfolio the log does not know. Indexes on status and type words: three or four
-- words select nothing, and an index on status makes each fill of an order write every index of it anew. Indexes that
-- repeat the beginning of a unique key are not needed either.

CREATE TABLE auth_user (
    id           integer      PRIMARY KEY,
    password     varchar(128) NOT NULL DEFAULT '!',
    last_login   timestamptz,
    is_superuser boolean      NOT NULL DEFAULT false,
    username     varchar(150) NOT NULL UNIQUE,
    first_name   varchar(150) NOT NULL DEFAULT '',
    last_name    varchar(150) NOT NULL DEFAULT '',
    email        varchar(254) NOT NULL DEFAULT '',
    is_staff     boolean      NOT NULL DEFAULT false,
    is_active    boolean      NOT NULL DEFAULT true,
    date_joined  timestamptz  NOT NULL DEFAULT now()
);

CREATE TABLE market_symbol (
    symbol                varchar(20)  PRIMARY KEY,
    name                  varchar(200) NOT NULL,
    market                varchar(50)  NOT NULL,
    asset_type            varchar(50)  NOT NULL,
    ipo_date              date,
    delisting_date        date,
    status                varchar(20)  NOT NULL,
    has_company_info      boolean      DEFAULT false,
    is_delisted           boolean      DEFAULT false,
    min_period_yfinance   varchar(20),
    daily_period_yfinance varchar(20),
    created_at            timestamptz  DEFAULT now(),
    updated_at            timestamptz  DEFAULT now()
);
CREATE INDEX idx_market_symbol_name ON market_symbol (name);
CREATE INDEX idx_market_symbol_market ON market_symbol (market);
CREATE INDEX idx_market_symbol_asset_type ON market_symbol (asset_type);
CREATE INDEX idx_market_symbol_status ON market_symbol (status);

CREATE TABLE portfolio (
    portfolio_id    serial         PRIMARY KEY,
    user_id         integer        NOT NULL REFERENCES auth_user (id),
    name            varchar(255)   NOT NULL,
    description     text,
    initial_capital numeric(15, 2) DEFAULT 0.00,
    current_value   numeric(30, 2) DEFAULT 0.00,
    cash_balance    numeric(15, 2) DEFAULT 0.00,
    is_active       boolean        DEFAULT true,
    created_at      timestamptz    DEFAULT now(),
    updated_at      timestamptz    DEFAULT now(),
    currency        varchar(3)     NOT NULL,
    lot_method      varchar(10)    NOT NULL,
    allow_short     boolean        NOT NULL,
    allow_overdraft boolean        NOT NULL,
    reserved_cash   numeric(15, 2) NOT NULL,
    realized_pnl    numeric(28, 16) NOT NULL,
    version         bigint         NOT NULL,
    CONSTRAINT portfolio_user_id_name_key UNIQUE (user_id, name)
) WITH (fillfactor = 50);
CREATE INDEX idx_portfolio_name ON portfolio (name);

CREATE TABLE holding (
    holding_id             serial          PRIMARY KEY,
    portfolio_id           integer         NOT NULL,
    symbol                 varchar(20)     NOT NULL,
    quantity               numeric(20, 8)  NOT NULL DEFAULT 0,
    average_price          numeric(30, 8)  NOT NULL DEFAULT 0,
    current_price          numeric(20, 8)  DEFAULT 0,
    market_value           numeric(30, 2)  DEFAULT 0,
    unrealized_pnl         numeric(30, 2)  DEFAULT 0,
    unrealized_pnl_percent numeric(10, 4)  DEFAULT 0,
    created_at             timestamptz     DEFAULT now(),
    updated_at             timestamptz     DEFAULT now(),
    cost_basis             numeric(28, 16) NOT NULL,
    realized_pnl           numeric(28, 16) NOT NULL,
    CONSTRAINT holding_portfolio_id_symbol_key UNIQUE (portfolio_id, symbol)
) WITH (fillfactor = 70);
CREATE INDEX idx_holding_symbol ON holding (symbol);

CREATE TABLE transaction (
    transaction_id   serial         PRIMARY KEY,
    portfolio_id     integer        NOT NULL,
    symbol           varchar(20)    NOT NULL,
    transaction_type varchar(10)    NOT NULL CHECK (transaction_type IN ('BUY', 'SELL')),
    quantity         numeric(20, 8) NOT NULL,
    price            numeric(20, 8) NOT NULL,
    total_amount     numeric(15, 2) NOT NULL,
    commission       numeric(20, 8) DEFAULT 0,
    tax              numeric(20, 8) DEFAULT 0,
    net_amount       numeric(15, 2) NOT NULL,
    transaction_date timestamptz    DEFAULT now(),
    notes            text,
    created_at       timestamptz    DEFAULT now(),
    execution_id     varchar(100)   NOT NULL,
    order_id         integer
);
CREATE INDEX idx_transaction_portfolio_id ON transaction (portfolio_id, transaction_id);
CREATE INDEX idx_transaction_symbol ON transaction (symbol);
CREATE INDEX idx_transaction_transaction_date ON transaction (transaction_date);

CREATE TABLE "order" (
    order_id        serial         PRIMARY KEY,
    portfolio_id    integer        NOT NULL,
    symbol          varchar(20)    NOT NULL,
    order_type      varchar(20)    NOT NULL CHECK (order_type IN ('MARKET', 'LIMIT', 'STOP', 'STOP_LIMIT')),
    side            varchar(10)    NOT NULL CHECK (side IN ('BUY', 'SELL')),
    quantity        numeric(20, 8) NOT NULL,
    price           numeric(20, 8),
    stop_price      numeric(20, 8),
    status          varchar(20)    NOT NULL DEFAULT 'PENDING'
        CHECK (status IN ('PENDING', 'FILLED', 'PARTIALLY_FILLED', 'CANCELLED', 'REJECTED')),
    filled_quantity numeric(20, 8) DEFAULT 0,
    filled_price    numeric(20, 8),
    time_in_force   varchar(10)    DEFAULT 'GTC' CHECK (time_in_force IN ('GTC', 'IOC', 'FOK', 'DAY')),
    filled_at       timestamptz,
    created_at      timestamptz    DEFAULT now(),
    updated_at      timestamptz    DEFAULT now(),
    client_order_id varchar(100),
    reserved_cash   numeric(15, 2) NOT NULL,
    rejected_for    text
) WITH (fillfactor = 50);
CREATE INDEX idx_order_portfolio_id ON "order" (portfolio_id, order_id);
CREATE INDEX idx_order_symbol ON "order" (symbol);
CREATE INDEX idx_order_created_at ON "order" (created_at);

CREATE TABLE trade (
    trade_id            serial         PRIMARY KEY,
    portfolio_id        integer        NOT NULL,
    symbol              varchar(20)    NOT NULL,
    entry_date          timestamptz    NOT NULL,
    exit_date           timestamptz,
    entry_price         numeric(20, 8) NOT NULL,
    exit_price          numeric(20, 8),
    quantity            numeric(20, 8) NOT NULL,
    profit_actual       numeric(15, 2) DEFAULT 0,
    profit_actual_ratio numeric(10, 4) DEFAULT 0,
    commission          numeric(20, 8) DEFAULT 0,
    tax                 numeric(20, 8) DEFAULT 0,
    net_profit          numeric(15, 2) DEFAULT 0,
    status              varchar(20)    DEFAULT 'OPEN' CHECK (status IN ('OPEN', 'CLOSED', 'PARTIALLY_CLOSED')),
    created_at          timestamptz    DEFAULT now(),
    updated_at          timestamptz    DEFAULT now(),
    is_short            boolean        NOT NULL
) WITH (fillfactor = 50);
CREATE INDEX idx_trade_portfolio_id ON trade (portfolio_id, trade_id);
CREATE INDEX idx_trade_symbol ON trade (symbol);
CREATE INDEX idx_trade_entry_date ON trade (entry_date);

CREATE TABLE cash_balance (
    cash_balance_id serial         PRIMARY KEY,
    portfolio_id    integer        NOT NULL,
    balance         numeric(15, 2) NOT NULL DEFAULT 0.00,
    currency        varchar(10)    DEFAULT 'USD',
    balance_date    timestamptz    DEFAULT now(),
    created_at      timestamptz    DEFAULT now(),
    updated_at      timestamptz    DEFAULT now(),
    CONSTRAINT cash_balance_portfolio_id_currency_key UNIQUE (portfolio_id, currency)
) WITH (fillfactor = 50);

CREATE TABLE funding (
    funding_id   serial         PRIMARY KEY,
    portfolio_id integer        NOT NULL,
    amount       numeric(15, 2) NOT NULL,
    funding_type varchar(20)    NOT NULL
        CHECK (funding_type IN ('DEPOSIT', 'WITHDRAWAL', 'DIVIDEND', 'INTEREST', 'FEE')),
    funding_date timestamptz    DEFAULT now(),
    description  text,
    created_at   timestamptz    DEFAULT now(),
    symbol       varchar(20)
);
CREATE INDEX idx_funding_portfolio_id ON funding (portfolio_id, funding_id);

CREATE VIEW portfolio_summary AS
SELECT p.portfolio_id, p.user_id, p.name, p.initial_capital, p.current_value, p.cash_balance, p.is_active,
       p.created_at, p.updated_at,
       coalesce(h.total_holdings_value, 0) AS total_holdings_value,
       coalesce(h.total_unrealized_pnl, 0) AS total_unrealized_pnl,
       coalesce(h.weighted_unrealized_pnl_percent, 0) AS weighted_unrealized_pnl_percent
FROM portfolio p
LEFT JOIN LATERAL (
    SELECT sum(market_value) AS total_holdings_value,
           sum(unrealized_pnl) AS total_unrealized_pnl,
           sum(unrealized_pnl_percent * market_value) / nullif(sum(market_value), 0) AS weighted_unrealized_pnl_percent
    FROM holding WHERE holding.portfolio_id = p.portfolio_id
) h ON true;

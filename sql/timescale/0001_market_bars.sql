-- Why: bars of the market, which do not go through the event log. Legacy names and columns come first; recorded_at
-- follows, so that a valuation as of an earlier moment can leave out what was not known then. Prices are NUMERIC
-- without a scale, because sources carry six decimals and more and none may be cut; symbols are as long as in
-- market_symbol; times are timestamptz.

CREATE TABLE market_stock (
    symbol                  varchar(20) PRIMARY KEY REFERENCES market_symbol (symbol) ON DELETE CASCADE,
    underlying_symbol       varchar(10),
    short_name              varchar(100),
    long_name               varchar(200),
    address1                varchar(255),
    city                    varchar(100),
    state                   varchar(50),
    zip                     varchar(20),
    country                 varchar(100),
    phone                   varchar(20),
    website                 text,
    industry                varchar(100),
    sector                  varchar(100),
    long_business_summary   text,
    full_time_employees     integer,
    currency                varchar(10),
    financial_currency      varchar(10),
    exchange                varchar(10),
    quote_type              varchar(10),
    time_zone_full_name     varchar(50),
    time_zone_short_name    varchar(10),
    gmt_offset_milliseconds bigint,
    uuid                    uuid,
    created_at              timestamptz DEFAULT now(),
    updated_at              timestamptz DEFAULT now()
);
CREATE INDEX idx_market_stock_industry ON market_stock (industry);
CREATE INDEX idx_market_stock_sector ON market_stock (sector);
CREATE INDEX idx_market_stock_exchange ON market_stock (exchange);

CREATE FUNCTION set_updated_at() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.updated_at = CURRENT_TIMESTAMP;
    RETURN NEW;
END $$;
CREATE TRIGGER set_updated_at BEFORE UPDATE ON market_symbol FOR EACH ROW EXECUTE FUNCTION set_updated_at();
CREATE TRIGGER set_updated_at BEFORE UPDATE ON market_stock FOR EACH ROW EXECUTE FUNCTION set_updated_at();

CREATE TABLE market_stock_hist_bars_min_ts (
    symbol      varchar(20) NOT NULL,
    time        timestamptz NOT NULL,
    open        numeric     NOT NULL,
    high        numeric     NOT NULL,
    low         numeric     NOT NULL,
    close       numeric     NOT NULL,
    volume      bigint      NOT NULL,
    adj_close   numeric,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (symbol, time)
);
CREATE TABLE market_stock_hist_bars_hour_ts (LIKE market_stock_hist_bars_min_ts INCLUDING ALL);
CREATE TABLE market_stock_hist_bars_day_ts (LIKE market_stock_hist_bars_min_ts INCLUDING ALL);

-- The closes of all bars. Of bars that begin together the finest has the latest word.
CREATE VIEW market_bar_close AS
SELECT symbol, time, close, 3 AS fineness FROM market_stock_hist_bars_min_ts
UNION ALL
SELECT symbol, time, close, 2 FROM market_stock_hist_bars_hour_ts
UNION ALL
SELECT symbol, time, close, 1 FROM market_stock_hist_bars_day_ts;

-- What a correction replaced: the bar as it was known from recorded_at until replaced_at.
CREATE TABLE market_bar_correction (
    correction_id bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    bar_interval  varchar(4)  NOT NULL,
    symbol        varchar(20) NOT NULL,
    time          timestamptz NOT NULL,
    open          numeric     NOT NULL,
    high          numeric     NOT NULL,
    low           numeric     NOT NULL,
    close         numeric     NOT NULL,
    volume        bigint      NOT NULL,
    adj_close     numeric,
    recorded_at   timestamptz NOT NULL,
    replaced_at   timestamptz NOT NULL DEFAULT now(),
    source        text        NOT NULL
);
CREATE INDEX idx_market_bar_correction_symbol ON market_bar_correction (symbol, bar_interval, time);

-- Rows that cannot be true, as they came. A file that is loaded again brings the same rows again; they are kept once.
CREATE TABLE market_bar_quarantine (
    quarantine_id  bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source         text        NOT NULL,
    bar_interval   varchar(4)  NOT NULL,
    line           bigint      NOT NULL,
    reason         varchar(20) NOT NULL,
    detail         text        NOT NULL,
    raw            text        NOT NULL,
    quarantined_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX market_bar_quarantine_row_key
    ON market_bar_quarantine (source, bar_interval, line, md5(raw));

-- What is suspicious about bars that are stored all the same.
CREATE TABLE market_bar_flag (
    symbol       varchar(20) NOT NULL,
    bar_interval varchar(4)  NOT NULL,
    time         timestamptz NOT NULL,
    kind         varchar(20) NOT NULL,
    detail       text        NOT NULL,
    PRIMARY KEY (symbol, bar_interval, time, kind)
);

-- Periods with new or corrected bars, whose rollups and flags are to be made again: a day of minutes or of hours, a
-- week (by its Monday) of days. Written with the bars, taken away with the rollups: nothing is lost between.
CREATE TABLE market_bar_pending (
    bar_interval varchar(4)  NOT NULL,
    period       date        NOT NULL,
    symbol       varchar(20) NOT NULL,
    PRIMARY KEY (bar_interval, period, symbol)
);

-- Rollups: of minutes to hours; of minutes, or of hours where there are no minutes, to days; of days to weeks.
-- avg_price is the unweighted mean of closes, as in the legacy aggregates.
CREATE TABLE hourly_price_aggregates (
    symbol       varchar(20) NOT NULL,
    hour         timestamptz NOT NULL,
    open_price   numeric     NOT NULL,
    high_price   numeric     NOT NULL,
    low_price    numeric     NOT NULL,
    close_price  numeric     NOT NULL,
    total_volume numeric     NOT NULL,
    avg_price    numeric     NOT NULL,
    bar_count    integer     NOT NULL,
    close_sum    numeric     NOT NULL,
    first_time   timestamptz NOT NULL,
    last_time    timestamptz NOT NULL,
    PRIMARY KEY (symbol, hour)
) WITH (fillfactor = 80);

CREATE TABLE daily_price_aggregates (
    symbol       varchar(20) NOT NULL,
    day          timestamptz NOT NULL,
    open_price   numeric     NOT NULL,
    high_price   numeric     NOT NULL,
    low_price    numeric     NOT NULL,
    close_price  numeric     NOT NULL,
    total_volume numeric     NOT NULL,
    avg_price    numeric     NOT NULL,
    bar_count    integer     NOT NULL,
    bar_interval varchar(4)  NOT NULL,
    first_time   timestamptz NOT NULL,
    last_time    timestamptz NOT NULL,
    -- The usual distance between two bars of the day, at least that of the interval; null until it was looked for.
    spacing      interval,
    PRIMARY KEY (symbol, day)
) WITH (fillfactor = 80);
CREATE INDEX idx_daily_price_aggregates_day ON daily_price_aggregates (day);

CREATE TABLE weekly_price_aggregates (
    symbol       varchar(20) NOT NULL,
    week         timestamptz NOT NULL,
    open_price   numeric     NOT NULL,
    high_price   numeric     NOT NULL,
    low_price    numeric     NOT NULL,
    close_price  numeric     NOT NULL,
    total_volume numeric     NOT NULL,
    avg_price    numeric     NOT NULL,
    bar_count    integer     NOT NULL,
    PRIMARY KEY (symbol, week)
) WITH (fillfactor = 80);

-- The latest price of each symbol, kept with the bars: looking for it among them takes the longer the more there are.
-- version grows in commit order, so a reader that has seen one finds all that came later.
CREATE SEQUENCE market_price_version;
CREATE TABLE market_last_price (
    symbol       varchar(20)    PRIMARY KEY,
    price        numeric(20, 8) NOT NULL,
    volume       bigint         NOT NULL,
    time         timestamptz    NOT NULL,
    bar_interval varchar(4)     NOT NULL,
    version      bigint         NOT NULL
) WITH (fillfactor = 50);

-- How long bars are kept. Off for an interval once bars older than that were loaded on purpose.
CREATE TABLE market_bar_retention (
    bar_interval varchar(4)  PRIMARY KEY,
    keep         interval    NOT NULL,
    enabled      boolean     NOT NULL,
    reason       text        NOT NULL,
    changed_at   timestamptz NOT NULL DEFAULT now()
);
INSERT INTO market_bar_retention (bar_interval, keep, enabled, reason) VALUES
    ('min', '6 months', true, 'default'), ('hour', '2 years', true, 'default'), ('day', '10 years', true, 'default');

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

GRANT SELECT, INSERT, UPDATE ON market_symbol, market_stock TO bifrost_app;
GRANT SELECT, INSERT, UPDATE ON market_stock_hist_bars_min_ts, market_stock_hist_bars_hour_ts,
    market_stock_hist_bars_day_ts, hourly_price_aggregates, daily_price_aggregates, weekly_price_aggregates,
    market_last_price, market_bar_retention TO bifrost_app;
GRANT SELECT, INSERT ON market_bar_correction, market_bar_quarantine TO bifrost_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON market_bar_flag, market_bar_pending TO bifrost_app;
GRANT SELECT ON market_overview, market_bar_close TO bifrost_app;
GRANT USAGE, SELECT ON SEQUENCE market_price_version TO bifrost_app;

-- Why: the state of a portfolio with a long history is asked for as of any moment, and folding it from its first event
-- would take as long as the history is. Snapshots are derived from the log and may be deleted at any time; they are
-- only used by the build that made them, because another one may fold otherwise.
--
-- facts_through is the latest moment at which anything booked so far occurred. reaches_to is the earliest moment that a
-- late fact of the events since the snapshot before reaches back to; null where none was late. From the two follows
-- which snapshots what became known later leaves valid. effective is the state with all facts booked in the order in
-- which they occurred, where that is not the order in which they were recorded.
CREATE TABLE ledger.portfolio_snapshot (
    portfolio_id  integer     NOT NULL,
    version       bigint      NOT NULL,
    seq_id        bigint      NOT NULL,
    recorded_at   timestamptz NOT NULL,
    facts_through timestamptz NOT NULL,
    reaches_to    timestamptz,
    build         text        NOT NULL,
    state         bytea       NOT NULL,
    effective     bytea,
    CONSTRAINT portfolio_snapshot_pkey PRIMARY KEY (portfolio_id, version)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON ledger.portfolio_snapshot TO bifrost_app;

-- Round trips that were voided later are in no table, and existed before.
CREATE INDEX trade_voided_portfolio ON events.mt_events (((data ->> 'portfolioId')::integer))
    WHERE type = 'trade_voided';

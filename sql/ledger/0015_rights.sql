-- Why: whoever decides what to trade should not be who says that it was traded, or that money came in. A trader or
-- service has the rights that stand at its key; see docs/security.md. A key that was there before this keeps all that
-- it could do until the operator decides, because a ledger that refuses fills from one version to the next is wrong
-- about positions: it is undecided, and servers say so loudly when they start. A row that says nothing has no rights.

ALTER TABLE ledger.api_key
    ADD COLUMN rights       text[] NOT NULL DEFAULT '{}',
    ADD COLUMN cash_per_day numeric;

UPDATE ledger.api_key SET rights = '{undecided}' WHERE role IN ('trader', 'service');

ALTER TABLE ledger.api_key
    ADD CONSTRAINT api_key_rights CHECK (
        (rights <@ '{orders,executions,cash}' OR rights = '{undecided}')
        AND (rights = '{}' OR role IN ('trader', 'service'))),
    ADD CONSTRAINT api_key_cash CHECK (('cash' = ANY (rights)) = (cash_per_day IS NOT NULL) AND cash_per_day > 0);

-- How much of what they may move in a day (UTC) callers have moved, where that is limited.
CREATE TABLE ledger.cash_use (
    actor  text    NOT NULL,
    day    date    NOT NULL,
    amount numeric NOT NULL CHECK (amount >= 0),
    CONSTRAINT cash_use_pkey PRIMARY KEY (actor, day)
);
GRANT SELECT, INSERT, UPDATE ON ledger.cash_use TO portfolio_service_user;

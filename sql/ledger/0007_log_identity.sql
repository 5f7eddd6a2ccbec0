-- Why: an anchor says of which log it is, so that those of two databases are never taken for one another. A copy of the
-- database, or one that was restored, is the same log.
CREATE TABLE ledger.log_identity (
    id      uuid    NOT NULL DEFAULT gen_random_uuid(),
    is_only boolean NOT NULL DEFAULT true CHECK (is_only),
    CONSTRAINT log_identity_pkey PRIMARY KEY (is_only)
);
INSERT INTO ledger.log_identity DEFAULT VALUES;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.log_identity
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
GRANT SELECT ON ledger.log_identity TO bifrost_app;

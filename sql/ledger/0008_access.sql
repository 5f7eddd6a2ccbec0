-- Why: who may do what over HTTP, and who has read what. A key is kept as the hash of its secret, so that whoever reads
-- the table cannot use it; a record of access stays for good, as it is evidence. See docs/security.md.

CREATE TABLE ledger.api_key (
    key_id      text        NOT NULL CONSTRAINT api_key_pkey PRIMARY KEY,
    name        text        NOT NULL,
    role        text        NOT NULL,
    user_id     integer,
    secret_hash bytea       NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    expires_at  timestamptz,
    revoked_at  timestamptz,
    CONSTRAINT api_key_id CHECK (key_id ~ '^[0-9a-f]{12}$'),
    -- A name is the actor of events. Without colon and slash it can neither be that of a caller who signs in elsewhere
    -- nor reach into the idempotency keys of another; and it is none of the server's own.
    CONSTRAINT api_key_name CHECK (name ~ '^[A-Za-z0-9][A-Za-z0-9._@+-]{0,63}$' AND name !~* '^(local-|bifrost)'),
    CONSTRAINT api_key_role CHECK (role IN ('trader', 'operator', 'auditor', 'service')),
    CONSTRAINT api_key_user CHECK ((role = 'trader') = (user_id IS NOT NULL) AND user_id > 0),
    CONSTRAINT api_key_hash CHECK (length(secret_hash) = 32)
);

-- An actor is one caller, whatever the letters' case.
CREATE UNIQUE INDEX api_key_name_in_use ON ledger.api_key (lower(name)) WHERE revoked_at IS NULL;

-- Who a name was is needed for as long as events bear it.
CREATE TRIGGER kept BEFORE DELETE OR TRUNCATE ON ledger.api_key
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

CREATE TABLE ledger.access_record (
    record_id      bigint      GENERATED ALWAYS AS IDENTITY CONSTRAINT access_record_pkey PRIMARY KEY,
    at             timestamptz NOT NULL DEFAULT now(),
    actor          text        NOT NULL,
    role           text        NOT NULL,
    remote_address inet,
    action         text        NOT NULL,
    path           text        NOT NULL,
    query          text        NOT NULL,
    portfolio_id   integer
);
CREATE INDEX access_record_actor ON ledger.access_record (actor, record_id);

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.access_record
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

-- Keys are made and revoked by the database's owner, who runs ./bifrost keys; the server only looks them up.
GRANT SELECT ON ledger.api_key TO bifrost_app;
GRANT SELECT, INSERT ON ledger.access_record TO bifrost_app;

-- Why: the append-only log, in Marten 9's table format with string stream identity, so that a program that has Marten
-- can open it. See docs/adr/0001-own-event-store-in-martens-format.md.

CREATE SCHEMA events;
CREATE SCHEMA ledger;

CREATE TABLE events.mt_streams (
    id          varchar     NOT NULL CONSTRAINT pk_mt_streams PRIMARY KEY,
    type        varchar,
    version     bigint,
    timestamp   timestamptz NOT NULL DEFAULT now(),
    created     timestamptz NOT NULL DEFAULT now(),
    tenant_id   varchar     DEFAULT '*DEFAULT*',
    is_archived boolean     DEFAULT false
) WITH (fillfactor = 80);

CREATE SEQUENCE events.mt_events_sequence;

-- No foreign key to mt_streams: checking it costs a quarter of the write rate, both tables are written by one
-- statement of one transaction, and nobody may delete from either.
CREATE TABLE events.mt_events (
    seq_id         bigint       NOT NULL CONSTRAINT pk_mt_events PRIMARY KEY,
    id             uuid         NOT NULL,
    stream_id      varchar,
    version        bigint       NOT NULL,
    data           jsonb        NOT NULL,
    bdata          bytea,
    type           varchar(500) NOT NULL,
    timestamp      timestamptz  NOT NULL DEFAULT now(),
    tenant_id      varchar      DEFAULT '*DEFAULT*',
    correlation_id varchar,
    causation_id   varchar,
    headers        jsonb,
    user_name      varchar,
    mt_dotnet_type varchar,
    is_archived    boolean      DEFAULT false
);
CREATE UNIQUE INDEX pk_mt_events_stream_and_version ON events.mt_events (stream_id, version);
ALTER SEQUENCE events.mt_events_sequence OWNED BY events.mt_events.seq_id;

CREATE TABLE events.mt_event_progression (
    name         varchar     NOT NULL CONSTRAINT pk_mt_event_progression PRIMARY KEY,
    last_seq_id  bigint,
    last_updated timestamptz DEFAULT now()
) WITH (fillfactor = 50);

-- The events of a portfolio in their order, over all of its streams. Its key is the fence between two writers: who
-- decided on an old state appends a version that is taken, and fails.
CREATE TABLE ledger.portfolio_event (
    portfolio_id integer NOT NULL,
    version      bigint  NOT NULL,
    seq_id       bigint  NOT NULL,
    CONSTRAINT portfolio_event_pkey PRIMARY KEY (portfolio_id, version)
);

-- What each command was answered, so that a repeat is answered the same and a lost commit reply can be looked up.
CREATE TABLE ledger.command_receipt (
    key               text        NOT NULL,
    fingerprint       bytea       NOT NULL,
    portfolio_id      integer     NOT NULL,
    portfolio_version bigint      NOT NULL,
    answer            text        NOT NULL,
    recorded_at       timestamptz NOT NULL,
    CONSTRAINT command_receipt_pkey PRIMARY KEY (key)
);

CREATE FUNCTION ledger.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of %.% is refused: the event log is append-only', TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation',
              HINT = 'A wrong fact is put right by another fact.';
END $$;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON events.mt_events
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only BEFORE DELETE OR TRUNCATE ON events.mt_streams
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.portfolio_event
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.command_receipt
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

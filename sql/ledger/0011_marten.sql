-- Why: Marten itself opens the log now: its sessions commit, its daemon follows. These are the columns and tables that
-- it asks for and that a log of before has not; the functions that it calls it makes itself when the schema is applied.
-- What stays otherwise than Marten would have it: no foreign key from events to streams (0001), and indexes of our own.

ALTER TABLE events.mt_streams ADD COLUMN compacted_version bigint NOT NULL DEFAULT 0;
ALTER TABLE events.mt_streams RENAME CONSTRAINT pk_mt_streams TO pkey_mt_streams_id;
ALTER TABLE events.mt_events RENAME CONSTRAINT pk_mt_events TO pkey_mt_events_seq_id;

-- How far each subscription and projection has come, and how it is.
ALTER TABLE events.mt_event_progression
    ADD COLUMN mode varchar DEFAULT 'none',
    ADD COLUMN rebuild_threshold integer DEFAULT 0,
    ADD COLUMN assigned_node integer DEFAULT 0,
    ADD COLUMN heartbeat timestamptz,
    ADD COLUMN agent_status varchar(20),
    ADD COLUMN pause_reason text,
    ADD COLUMN running_on_node integer,
    ADD COLUMN warning_behind_threshold bigint,
    ADD COLUMN critical_behind_threshold bigint,
    ADD COLUMN failure_category varchar(50),
    ADD COLUMN failure_event_sequence bigint,
    ADD COLUMN failure_event_type varchar(500),
    ADD COLUMN failure_event_tenant_id varchar(500);

CREATE TABLE events.mt_event_projection_floors (
    name         varchar NOT NULL,
    tenant_id    varchar NOT NULL,
    floor        bigint  NOT NULL,
    last_updated timestamptz DEFAULT transaction_timestamp(),
    CONSTRAINT pkey_mt_event_projection_floors_name_tenant_id PRIMARY KEY (name, tenant_id)
);

CREATE TABLE events.mt_high_water_skips (
    ending_sequence   bigint NOT NULL,
    starting_sequence bigint NOT NULL,
    timestamp         timestamptz DEFAULT transaction_timestamp(),
    CONSTRAINT pkey_mt_high_water_skips_ending_sequence PRIMARY KEY (ending_sequence)
);

CREATE TABLE events.mt_doc_deadletterevent (
    id               uuid  NOT NULL CONSTRAINT pkey_mt_doc_deadletterevent_id PRIMARY KEY,
    data             jsonb NOT NULL,
    mt_last_modified timestamptz DEFAULT transaction_timestamp(),
    mt_version       uuid NOT NULL DEFAULT (md5(random()::text || clock_timestamp()::text)::uuid),
    mt_dotnet_type   varchar
);

-- Who runs Marten's daemon: the portfolio service, and whoever reports from the log.
GRANT SELECT, INSERT, UPDATE, DELETE ON events.mt_event_progression, events.mt_event_projection_floors,
    events.mt_high_water_skips, events.mt_doc_deadletterevent TO portfolio_service_user, analytics_service_user;
GRANT SELECT ON events.mt_events_sequence TO portfolio_service_user, analytics_service_user;

-- An event of the ledger stands in the history of its portfolio, with its hash, and its writer puts both there in one
-- statement. What anybody else appends to such a stream would be in the log and in no history: the portfolio's next
-- command would meet it and stop. So it is refused here, whoever appends it.
CREATE FUNCTION ledger.refuse_uncounted() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    stray    record;
    appended bigint;
    low      bigint;
    high     bigint;
BEGIN
    -- One range of the index for all of a batch, whose sequences lie side by side: a tenth of looking each of them up.
    -- Where they do not, as many others may stand between them.
    SELECT count(*), min(seq_id), max(seq_id) INTO appended, low, high FROM added;
    IF appended = high - low + 1
        AND appended = (SELECT count(*) FROM ledger.portfolio_event p WHERE p.seq_id BETWEEN low AND high) THEN
        RETURN NULL;
    END IF;
    FOR stray IN
        SELECT a.stream_id FROM added a
        WHERE NOT EXISTS (SELECT FROM ledger.portfolio_event p WHERE p.seq_id = a.seq_id)
    LOOP
        IF stray.stream_id ~ '^(portfolio|funding|order|trade)-[0-9]+$|^holding-[0-9]+-' THEN
            RAISE EXCEPTION 'An event of % is refused: only the ledger appends to its streams', stray.stream_id
                USING ERRCODE = 'restrict_violation',
                      HINT = 'Send a command to the ledger; a stream of your own may have any other name.';
        END IF;
    END LOOP;
    RETURN NULL;
END $$;
REVOKE EXECUTE ON FUNCTION ledger.refuse_uncounted() FROM PUBLIC;

CREATE TRIGGER counted AFTER INSERT ON events.mt_events
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_uncounted();

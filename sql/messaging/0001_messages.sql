-- Why: messages between handlers survive the process that sent them, and who handles what is agreed between the nodes,
-- in Wolverine's tables. They are made here and not by the server, which may not make any: a test holds them to what
-- Wolverine asks for. The queue is that of src/Webhooks.

CREATE SCHEMA work;

CREATE TABLE work.wolverine_incoming_envelopes (
    id             uuid        NOT NULL CONSTRAINT pkey_wolverine_incoming_envelopes_id PRIMARY KEY,
    status         varchar     NOT NULL,
    -- Of the node that has it; 0 of none.
    owner_id       integer     NOT NULL,
    execution_time timestamptz,
    attempts       integer     DEFAULT 0,
    body           bytea       NOT NULL,
    message_type   varchar     NOT NULL,
    received_at    varchar,
    keep_until     timestamptz
);
CREATE INDEX idx_wolverine_incoming_envelopes_keep_until
    ON work.wolverine_incoming_envelopes (keep_until) WHERE status = 'Handled';
CREATE INDEX idx_wolverine_incoming_envelopes_owner
    ON work.wolverine_incoming_envelopes (owner_id) WHERE owner_id <> 0;
CREATE INDEX idx_wolverine_incoming_envelopes_recover
    ON work.wolverine_incoming_envelopes (received_at) WHERE status = 'Incoming' AND owner_id = 0;
CREATE INDEX idx_wolverine_incoming_envelopes_scheduled
    ON work.wolverine_incoming_envelopes (execution_time) WHERE status = 'Scheduled';

CREATE TABLE work.wolverine_outgoing_envelopes (
    id           uuid    NOT NULL CONSTRAINT pkey_wolverine_outgoing_envelopes_id PRIMARY KEY,
    owner_id     integer NOT NULL,
    destination  varchar NOT NULL,
    deliver_by   timestamptz,
    body         bytea   NOT NULL,
    attempts     integer DEFAULT 0,
    message_type varchar NOT NULL
);
CREATE INDEX idx_wolverine_outgoing_envelopes_owner
    ON work.wolverine_outgoing_envelopes (owner_id) WHERE owner_id <> 0;
CREATE INDEX idx_wolverine_outgoing_envelopes_recover
    ON work.wolverine_outgoing_envelopes (destination) WHERE owner_id = 0;

CREATE TABLE work.wolverine_dead_letters (
    id                uuid    NOT NULL CONSTRAINT pkey_wolverine_dead_letters_id PRIMARY KEY,
    execution_time    timestamptz,
    body              bytea   NOT NULL,
    message_type      varchar NOT NULL,
    received_at       varchar,
    source            varchar,
    exception_type    varchar,
    exception_message varchar,
    sent_at           timestamptz,
    replayable        boolean,
    failure_group     varchar(100),
    failure_title     varchar(500),
    failed_at         timestamptz,
    first_failed_at   timestamptz,
    replay_count      integer,
    last_replayed_at  timestamptz,
    archived_at       timestamptz
);
CREATE INDEX idx_wolverine_dead_letters_failure_group ON work.wolverine_dead_letters (failure_group);
CREATE INDEX idx_wolverine_dead_letters_replayable ON work.wolverine_dead_letters (replayable) WHERE replayable = true;

CREATE TABLE work.wolverine_dead_letter_history (
    id               uuid NOT NULL CONSTRAINT pkey_wolverine_dead_letter_history_id PRIMARY KEY,
    replay_count     integer,
    last_replayed_at timestamptz,
    first_failed_at  timestamptz
);
CREATE INDEX idx_wolverine_dead_letter_history_last_replayed_at
    ON work.wolverine_dead_letter_history (last_replayed_at);

CREATE TABLE work.wolverine_nodes (
    id           uuid        NOT NULL CONSTRAINT pkey_wolverine_nodes_id PRIMARY KEY,
    node_number  serial      NOT NULL,
    description  varchar     NOT NULL,
    uri          varchar     NOT NULL,
    started      timestamptz NOT NULL DEFAULT now(),
    health_check timestamptz NOT NULL DEFAULT now(),
    version      varchar,
    capabilities text[]
);

CREATE TABLE work.wolverine_node_assignments (
    id      varchar     NOT NULL CONSTRAINT pkey_wolverine_node_assignments_id PRIMARY KEY,
    node_id uuid        CONSTRAINT fkey_wolverine_node_assignments_node_id
        REFERENCES work.wolverine_nodes (id) ON DELETE CASCADE,
    started timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE work.wolverine_node_records (
    id          serial      NOT NULL CONSTRAINT pkey_wolverine_node_records_id PRIMARY KEY,
    node_number integer     NOT NULL,
    event_name  varchar     NOT NULL,
    timestamp   timestamptz NOT NULL DEFAULT now(),
    description varchar
);

CREATE TABLE work.wolverine_control_queue (
    id           uuid        NOT NULL CONSTRAINT pkey_wolverine_control_queue_id PRIMARY KEY,
    message_type varchar     NOT NULL,
    node_id      uuid        NOT NULL,
    body         bytea       NOT NULL,
    posted       timestamptz NOT NULL DEFAULT now(),
    expires      timestamptz
);

CREATE TABLE work.wolverine_agent_restrictions (
    id   uuid    NOT NULL CONSTRAINT pkey_wolverine_agent_restrictions_id PRIMARY KEY,
    uri  varchar NOT NULL,
    type varchar NOT NULL,
    node integer NOT NULL DEFAULT 0
);

CREATE TABLE work.wolverine_queue_webhooks (
    id           uuid        NOT NULL CONSTRAINT pkey_wolverine_queue_webhooks_id PRIMARY KEY,
    body         bytea       NOT NULL,
    message_type varchar     NOT NULL,
    keep_until   timestamptz,
    timestamp    timestamptz DEFAULT now()
);
CREATE INDEX idx_wolverine_queue_webhooks_timestamp ON work.wolverine_queue_webhooks (timestamp);

CREATE TABLE work.wolverine_queue_webhooks_scheduled (
    id             uuid        NOT NULL CONSTRAINT pkey_wolverine_queue_webhooks_scheduled_id PRIMARY KEY,
    body           bytea       NOT NULL,
    message_type   varchar     NOT NULL,
    execution_time timestamptz NOT NULL,
    keep_until     timestamptz,
    timestamp      timestamptz DEFAULT now()
);
CREATE INDEX idx_wolverine_queue_webhooks_scheduled_execution_time
    ON work.wolverine_queue_webhooks_scheduled (execution_time);

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'work_service_user') THEN
        CREATE ROLE work_service_user LOGIN;
    END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
    -- Another database of this server made the role at the same moment.
    NULL;
END $$;
GRANT work_service_user TO CURRENT_USER;
GRANT USAGE ON SCHEMA work, events, ledger TO work_service_user;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA work TO work_service_user;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA work TO work_service_user;

-- What follows a commit reads the log by Marten's daemon, which keeps how far it is.
GRANT SELECT ON events.mt_events, events.mt_streams, events.mt_events_sequence, ledger.portfolio_event
    TO work_service_user;
GRANT SELECT, INSERT, UPDATE, DELETE ON events.mt_event_progression, events.mt_event_projection_floors,
    events.mt_high_water_skips, events.mt_doc_deadletterevent TO work_service_user;

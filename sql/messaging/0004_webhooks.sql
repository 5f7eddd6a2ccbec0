-- Why: other programs are told of events by requests to them. Who wants to be told of what, and what has become of each
-- request, is kept here; the messages that have them made are in the queue of webhooks.

CREATE TABLE work.webhook (
    webhook_id     uuid          NOT NULL CONSTRAINT webhook_pkey PRIMARY KEY,
    url            varchar(2000) NOT NULL,
    -- Empty for all.
    event_types    text[]        NOT NULL,
    -- Null for all.
    portfolio_id   integer,
    owner          varchar(200)  NOT NULL,
    description    varchar(500),
    -- As it is, because requests are signed with it.
    secret         varchar(100)  NOT NULL,
    active         boolean       NOT NULL DEFAULT true,
    -- Where the log was when it was made, or made active: it is told of what came behind.
    after_sequence bigint        NOT NULL,
    created_at     timestamptz   NOT NULL DEFAULT now()
);

CREATE TABLE work.webhook_delivery (
    delivery_id  uuid        NOT NULL CONSTRAINT webhook_delivery_pkey PRIMARY KEY,
    webhook_id   uuid        NOT NULL CONSTRAINT delivery_of_webhook REFERENCES work.webhook ON DELETE CASCADE,
    sequence     bigint      NOT NULL,
    -- The job that has the event told again; null the first time.
    replay_job   uuid,
    state        varchar(20) NOT NULL DEFAULT 'pending'
        CONSTRAINT webhook_delivery_state_known CHECK (state IN ('pending', 'delivered', 'dead')),
    -- The fence: the request that is made has the number that stands here.
    attempts     integer     NOT NULL DEFAULT 0,
    -- In a row; a new start begins anew.
    failures     integer     NOT NULL DEFAULT 0,
    status_code  integer,
    error        varchar(1000),
    next_at      timestamptz,
    created_at   timestamptz NOT NULL DEFAULT now(),
    delivered_at timestamptz,
    CONSTRAINT webhook_event_once UNIQUE NULLS NOT DISTINCT (webhook_id, sequence, replay_job)
);
CREATE INDEX webhook_delivery_of_state ON work.webhook_delivery (webhook_id, state, delivery_id DESC);
CREATE INDEX webhook_delivery_done ON work.webhook_delivery (delivered_at) WHERE state = 'delivered';

GRANT SELECT, INSERT, UPDATE, DELETE ON work.webhook, work.webhook_delivery TO work_service_user;

INSERT INTO work.schedule (name, kind, arguments, cron, zone, owner, next_at) VALUES
    ('webhook-retention', 'webhook-retention', '{}', '52 3 * * *', 'Etc/UTC', 'bifrost',
        date_trunc('day', now(), 'UTC') + interval '1 day 3 hours 52 minutes');

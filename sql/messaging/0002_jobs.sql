-- Why: work that takes longer than a request is a job: a row that says what is asked for and how far it is, which is
-- there whatever becomes of the process that works on it. The rows are the queue as well: a node takes the oldest that
-- waits.

CREATE TABLE work.job (
    -- A version 7 UUID: jobs sort by when they were asked for.
    job_id           uuid         NOT NULL CONSTRAINT job_pkey PRIMARY KEY,
    kind             varchar(50)  NOT NULL,
    arguments        jsonb        NOT NULL,
    -- Who asked for it, as on events.
    owner            varchar(200) NOT NULL,
    -- The key by which its owner asks for it once, however often it is sent.
    request_key      varchar(100),
    -- The schedule that asked for it.
    schedule         varchar(100),
    state            varchar(20)  NOT NULL DEFAULT 'queued'
        CONSTRAINT job_state_known CHECK (state IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
    -- It is not begun before then.
    due_at           timestamptz  NOT NULL DEFAULT now(),
    -- The fence: who works on it has the number that stands here, or works for nothing.
    attempt          integer      NOT NULL DEFAULT 0,
    -- In a row, for a cause that may pass.
    failures         integer      NOT NULL DEFAULT 0,
    node             varchar(200),
    stage            varchar(200),
    done             bigint,
    total            bigint,
    -- Where a later attempt may go on.
    checkpoint       jsonb,
    cancel_requested boolean      NOT NULL DEFAULT false,
    result           jsonb,
    -- Why it failed, or is tried again.
    problem          text,
    created_at       timestamptz  NOT NULL DEFAULT now(),
    started_at       timestamptz,
    updated_at       timestamptz  NOT NULL DEFAULT now(),
    finished_at      timestamptz,
    CONSTRAINT job_ends_once CHECK ((finished_at IS NULL) = (state IN ('queued', 'running')))
);
CREATE UNIQUE INDEX job_requested_once ON work.job (owner, request_key);
CREATE INDEX job_of_schedule ON work.job (schedule) WHERE finished_at IS NULL;
CREATE INDEX job_open ON work.job (job_id) WHERE finished_at IS NULL;
CREATE INDEX job_ended ON work.job (finished_at);

-- What a job is given to read and what it writes, in parts, so that every node has it. Of an attempt that was given up
-- nothing is read.
CREATE TABLE work.job_content (
    job_id  uuid    NOT NULL CONSTRAINT content_of_job REFERENCES work.job ON DELETE CASCADE,
    -- 0 for what it is given.
    attempt integer NOT NULL,
    part    integer NOT NULL,
    bytes   bytea   NOT NULL,
    CONSTRAINT job_content_pkey PRIMARY KEY (job_id, attempt, part)
);
ALTER TABLE work.job_content ALTER COLUMN bytes SET STORAGE EXTERNAL;

CREATE TABLE work.schedule (
    name       varchar(100) NOT NULL CONSTRAINT schedule_pkey PRIMARY KEY,
    kind       varchar(50)  NOT NULL,
    arguments  jsonb        NOT NULL,
    -- Minute, hour, day of month, month, day of week; and the IANA zone in which they are meant.
    cron       varchar(100) NOT NULL,
    zone       varchar(100) NOT NULL,
    owner      varchar(200) NOT NULL,
    -- Null where the expression has no further moment.
    next_at    timestamptz,
    last_at    timestamptz,
    last_job   uuid,
    -- Moments passed over because the job of the one before was not done.
    skipped    bigint       NOT NULL DEFAULT 0,
    created_at timestamptz  NOT NULL DEFAULT now()
);
CREATE INDEX schedule_due ON work.schedule (next_at);

GRANT SELECT, INSERT, UPDATE, DELETE ON work.job, work.job_content, work.schedule TO work_service_user;

-- What the product itself needs done at times; operators may change or remove it.
INSERT INTO work.schedule (name, kind, arguments, cron, zone, owner, next_at) VALUES
    ('market-retention', 'market-retention', '{}', '7 * * * *', 'Etc/UTC', 'bifrost',
        date_trunc('hour', now()) + interval '1 hour 7 minutes'),
    ('job-retention', 'job-retention', '{}', '37 3 * * *', 'Etc/UTC', 'bifrost',
        date_trunc('day', now(), 'UTC') + interval '1 day 3 hours 37 minutes');

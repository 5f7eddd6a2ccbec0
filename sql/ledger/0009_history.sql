-- Why: auditors ask the log what was of a type, by an actor, in a trace or at a time, over millions of events. Each
-- index on mt_events costs every write, so there is one for each of these questions and none for what is found without:
-- a portfolio's events by ledger.portfolio_event, a stream's by its unique key, a command's by its receipt. Each has
-- the sequence as its second column, so that it gives its events in order and from any place on.

CREATE INDEX mt_events_type ON events.mt_events (type, seq_id);
CREATE INDEX mt_events_actor ON events.mt_events (user_name, seq_id);
CREATE INDEX mt_events_correlation ON events.mt_events (correlation_id, seq_id) WHERE correlation_id IS NOT NULL;

-- Recorded times grow with sequences, but for what lies between two clocks and two commits. This says of each megabyte
-- of the log which sequences and times are in it, in some hundred kilobytes that nearly no write touches. The sum is
-- there because a plan with the primary key instead would read half of the log.
CREATE INDEX mt_events_recorded ON events.mt_events USING brin ((seq_id + 0), timestamp) WITH (autosummarize = on);

-- The sequence at which a moment was passed: found by halving, as if times never went back.
CREATE FUNCTION ledger.recorded_turn(moment timestamptz) RETURNS bigint LANGUAGE plpgsql STABLE
SET enable_seqscan = off SET enable_indexscan = on SET enable_bitmapscan = off AS $$
DECLARE
    low    bigint := 0;
    high   bigint := (SELECT coalesce(max(seq_id), 0) + 1 FROM events.mt_events);
    middle bigint;
    met    record;
BEGIN
    WHILE high - low > 1 LOOP
        middle := (low + high) / 2;
        SELECT seq_id, timestamp INTO met FROM events.mt_events
        WHERE seq_id > low AND seq_id <= middle ORDER BY seq_id DESC LIMIT 1;
        IF met.timestamp >= moment THEN
            high := met.seq_id;
        ELSE
            low := middle;
        END IF;
    END LOOP;
    RETURN high;
END $$;

-- The first sequence that was recorded at a moment or later; one more than the last where there is none. Whatever the
-- clocks did, nothing before it was recorded so late.
CREATE FUNCTION ledger.first_recorded(moment timestamptz) RETURNS bigint LANGUAGE plpgsql STABLE
SET enable_seqscan = off SET enable_bitmapscan = on SET jit = off AS $$
DECLARE
    turn bigint := ledger.recorded_turn(moment);
BEGIN
    RETURN coalesce(
        (SELECT min(seq_id + 0) FROM events.mt_events WHERE seq_id + 0 < turn AND timestamp >= moment), turn);
END $$;

-- The last sequence that was recorded before a moment; nothing after it was recorded so early.
CREATE FUNCTION ledger.last_recorded(moment timestamptz) RETURNS bigint LANGUAGE plpgsql STABLE
SET enable_seqscan = off SET enable_bitmapscan = on SET jit = off AS $$
DECLARE
    turn bigint := ledger.recorded_turn(moment);
BEGIN
    RETURN coalesce(
        (SELECT max(seq_id + 0) FROM events.mt_events WHERE seq_id + 0 >= turn AND timestamp < moment), turn - 1);
END $$;

-- How many events a portfolio had when the log had come to a sequence. Versions grow with sequences, so a list of its
-- events that goes on after a sequence begins in the middle of its key and not at its first event.
CREATE FUNCTION ledger.portfolio_version_at(portfolio integer, sequence bigint) RETURNS bigint
LANGUAGE plpgsql STABLE SET enable_seqscan = off SET enable_indexscan = on SET enable_bitmapscan = off AS $$
DECLARE
    low    bigint := 0;
    high   bigint;
    middle bigint;
    met    record;
BEGIN
    SELECT version + 1 INTO high FROM ledger.portfolio_event WHERE portfolio_id = portfolio
    ORDER BY version DESC LIMIT 1;
    WHILE high - low > 1 LOOP
        middle := (low + high) / 2;
        SELECT version, seq_id INTO met FROM ledger.portfolio_event
        WHERE portfolio_id = portfolio AND version > low AND version <= middle ORDER BY version DESC LIMIT 1;
        IF met.seq_id > sequence THEN
            high := met.version;
        ELSE
            low := middle;
        END IF;
    END LOOP;
    RETURN low;
END $$;

-- The same of a stream.
CREATE FUNCTION ledger.stream_version_at(stream varchar, sequence bigint) RETURNS bigint
LANGUAGE plpgsql STABLE SET enable_seqscan = off SET enable_indexscan = on SET enable_bitmapscan = off AS $$
DECLARE
    low    bigint := 0;
    high   bigint;
    middle bigint;
    met    record;
BEGIN
    SELECT version + 1 INTO high FROM events.mt_events WHERE stream_id = stream ORDER BY version DESC LIMIT 1;
    WHILE high - low > 1 LOOP
        middle := (low + high) / 2;
        SELECT version, seq_id INTO met FROM events.mt_events
        WHERE stream_id = stream AND version > low AND version <= middle ORDER BY version DESC LIMIT 1;
        IF met.seq_id > sequence THEN
            high := met.version;
        ELSE
            low := middle;
        END IF;
    END LOOP;
    RETURN low;
END $$;

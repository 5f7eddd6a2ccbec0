-- Why: a hash chain over the events of each portfolio, so that nobody can change, insert or take away an event, as
-- whatever role, without all later hashes of its portfolio telling so. See docs/audit.md for what is hashed.
--
-- The writer computes the hash; this function computes the same, so that an auditor can check it with nothing but SQL,
-- and what was recorded before there were hashes gets them here.

-- A netstring; what is not there is not the same as what is empty.
CREATE FUNCTION ledger.netstring(part text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN coalesce(octet_length(part) || ':' || part, '-') || ',';

CREATE FUNCTION ledger.event_hash(
    previous bytea, portfolio_id integer, portfolio_version bigint, event events.mt_events
) RETURNS bytea LANGUAGE sql STABLE PARALLEL SAFE
RETURN sha256(convert_to(
    ledger.netstring('bifrost event 1')
    || ledger.netstring(encode(previous, 'hex'))
    || ledger.netstring(portfolio_id::text)
    || ledger.netstring(portfolio_version::text)
    || ledger.netstring((event).stream_id)
    || ledger.netstring((event).version::text)
    || ledger.netstring((event).type)
    || ledger.netstring((event).id::text)
    || ledger.netstring(to_char((event).timestamp AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))
    || ledger.netstring((event).user_name)
    || ledger.netstring((event).causation_id)
    || ledger.netstring((event).correlation_id)
    || ledger.netstring((event).data::text), 'UTF8'));

ALTER TABLE ledger.portfolio_event ADD COLUMN hash bytea;

DO $$
DECLARE
    entry record;
    known integer;
    previous bytea;
BEGIN
    ALTER TABLE ledger.portfolio_event DISABLE TRIGGER append_only;
    FOR entry IN
        SELECT p.portfolio_id, p.version, e AS event
        FROM ledger.portfolio_event p LEFT JOIN events.mt_events e ON e.seq_id = p.seq_id
        ORDER BY p.portfolio_id, p.version
    LOOP
        IF known IS DISTINCT FROM entry.portfolio_id THEN
            previous := decode(repeat('00', 32), 'hex');
        END IF;
        known := entry.portfolio_id;
        previous := ledger.event_hash(previous, entry.portfolio_id, entry.version, entry.event);
        UPDATE ledger.portfolio_event SET hash = previous
        WHERE portfolio_id = entry.portfolio_id AND version = entry.version;
    END LOOP;
    ALTER TABLE ledger.portfolio_event ENABLE TRIGGER append_only;
END $$;

ALTER TABLE ledger.portfolio_event
    ALTER COLUMN hash SET NOT NULL,
    ADD CONSTRAINT portfolio_event_hash_check CHECK (octet_length(hash) = 32);

-- An event is counted in one history, once; and whoever reads the log in commit order finds its hash.
ALTER TABLE ledger.portfolio_event ADD CONSTRAINT portfolio_event_seq_id_key UNIQUE (seq_id);

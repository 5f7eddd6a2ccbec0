-- Why: a follower handles each event once even where two nodes take themselves for the one that runs it. Marten moves
-- its place from where the batch began, but in a batch with other statements it does not notice that nothing was moved.

-- Fails unless this very transaction has moved the follower's place.
CREATE FUNCTION work.require_place(follower varchar) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM events.mt_event_progression
    WHERE name = follower AND xmin = pg_current_xact_id()::xid;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'Another node has handled the events that follower % was to handle.', follower
            USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
END $$;
REVOKE EXECUTE ON FUNCTION work.require_place FROM PUBLIC;
GRANT EXECUTE ON FUNCTION work.require_place TO work_service_user;

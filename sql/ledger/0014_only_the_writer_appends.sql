-- Why: that an event of the ledger stands in the history of its portfolio was looked up after each append, which cost
-- an eighth of a small commit. Who appends is known before: the ledger's commits are made by ledger_writer, in a login
-- of its own or as the role that a session took on.

DROP TRIGGER counted ON events.mt_events;
DROP FUNCTION ledger.refuse_uncounted();

-- What anybody else appends to a stream of the ledger would be in the log and in no history: the portfolio's next
-- command would meet it and stop. So it is refused here, to the owner too.
CREATE FUNCTION ledger.refuse_append() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    IF NEW.stream_id ~ '^(portfolio|funding|order|trade)-[0-9]+$|^holding-[0-9]+-' THEN
        RAISE EXCEPTION 'An event of % is refused: only the ledger appends to its streams', NEW.stream_id
            USING ERRCODE = 'restrict_violation',
                  HINT = 'Send a command to the ledger; a stream of your own may have any other name.';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER not_the_writer BEFORE INSERT ON events.mt_events
    FOR EACH ROW WHEN (CURRENT_USER::text <> 'ledger_writer') EXECUTE FUNCTION ledger.refuse_append();

-- Why: PostgreSQL lets whoever may log in take advisory locks without number, make large objects, and write to its log
-- of writes; what can be taken or filled so stops commits. Only a superuser can take that back, in each database. The
-- private server does so whenever it starts; on a server of your own run this as a superuser, in the ledger's database:
--   psql -d bifrost -f scripts/doors.sql
-- docs/security.md lists what it is for. It may be run again at any time.

DO $$
DECLARE
    owner  name := (SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database());
    shut   regprocedure;
BEGIN
    FOR shut IN
        SELECT oid FROM pg_proc
        WHERE pronamespace = 'pg_catalog'::regnamespace
            AND (proname ~ '^pg_(try_)?advisory_' AND proname !~ 'unlock'
                OR proname IN ('lo_creat', 'lo_create', 'lo_from_bytea', 'lo_put', 'lowrite',
                    'pg_logical_emit_message'))
    LOOP
        EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', shut);
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO %I WITH GRANT OPTION', shut, owner);
        -- Its nodes choose by such a lock who leads them. Before the schema is there the server's start grants it.
        IF shut::text ~ 'advisory' AND EXISTS (SELECT FROM pg_roles WHERE rolname = 'work_service_user') THEN
            EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO work_service_user', shut);
        END IF;
    END LOOP;
    -- A statement that sorts what never ends writes files until the disk is full.
    EXECUTE format('ALTER DATABASE %I SET temp_file_limit = %L', current_database(), '20GB');
END $$;

namespace Bifrost.Workers.Tests.Watching;

/// <summary>What somebody who has logged in may try.</summary>
/// <param name="Statements">Run one after another; what they take is then held.</param>
internal sealed record DoorTrick(string Name, params string[] Statements)
{
    public override string ToString() => Name;
}

/// <summary>All that PostgreSQL has to make others wait, to fill something up, or to end somebody.</summary>
internal static class DoorTricks
{
    private const string Begin = "BEGIN";

    public static readonly IReadOnlyList<DoorTrick> All =
    [
        // To wait for.
        new("the advisory lock that commits took once", "SELECT pg_advisory_lock(4711001)"),
        new("the same, shared and in a transaction", Begin, "SELECT pg_advisory_xact_lock_shared(4711001)"),
        new("a thousand advisory locks", "SELECT count(pg_advisory_lock(n)) FROM generate_series(1, 1000) AS n"),
        new("the row by which commits take turns", Begin, "SELECT FROM ledger.append_turn FOR KEY SHARE"),
        new("the table of that row", Begin, "LOCK TABLE ledger.append_turn IN ACCESS SHARE MODE"),
        new("the rows of portfolios", Begin, "SELECT FROM portfolio FOR UPDATE"),
        new("the rows of portfolios, shared", Begin, "SELECT FROM portfolio FOR SHARE"),
        new("the keys of portfolios", Begin, "SELECT FROM portfolio FOR KEY SHARE"),
        new("the rows of cash", Begin, "SELECT FROM cash_balance FOR SHARE"),
        new("the heads of streams", Begin, "SELECT FROM events.mt_streams FOR SHARE"),
        new("the events", Begin, "SELECT FROM events.mt_events FOR KEY SHARE"),
        new("the symbols", Begin, "SELECT FROM market_symbol FOR UPDATE"),
        new("the symbol that a commit needs",
            Begin,
            "INSERT INTO market_symbol (symbol, name, market, asset_type, status) VALUES ('{symbol}', '', '', '', '')"),
        new("portfolios, to read", Begin, "LOCK TABLE portfolio IN ACCESS SHARE MODE"),
        new("portfolios, to lock rows", Begin, "LOCK TABLE portfolio IN ROW SHARE MODE"),
        new("portfolios, to write", Begin, "LOCK TABLE portfolio IN ROW EXCLUSIVE MODE"),
        new("portfolios, against all", Begin, "LOCK TABLE portfolio IN ACCESS EXCLUSIVE MODE"),
        new("symbols, to write", Begin, "LOCK TABLE market_symbol IN ROW EXCLUSIVE MODE"),
        new("symbols, against writers", Begin, "LOCK TABLE market_symbol IN SHARE MODE"),
        new("symbols, against all", Begin, "LOCK TABLE market_symbol IN ACCESS EXCLUSIVE MODE"),
        new("events, against writers", Begin, "LOCK TABLE events.mt_events IN SHARE MODE"),
        new("places of followers, against all",
            Begin, "LOCK TABLE events.mt_event_progression IN ACCESS EXCLUSIVE MODE"),
        new("the record of migrations", Begin, "LOCK TABLE schema_migration IN ACCESS SHARE MODE"),
        new("a snapshot of everything", "BEGIN ISOLATION LEVEL SERIALIZABLE", "SELECT count(*) FROM pg_class"),
        new("a transaction that is prepared", Begin, "PREPARE TRANSACTION 'held'"),
        new("the queue of notifications", Begin, "LISTEN mt_events_appended", "SELECT 1"),
        new("a flood of notifications",
            "SELECT count(pg_notify('work_job', repeat('x', 7000))) FROM generate_series(1, 200)"),
        new("notifications that are garbage", "SELECT pg_notify('mt_events_appended', '{\"not\": ')"),

        // To use up.
        new("ids of orders", "SELECT nextval('order_order_id_seq')"),
        new("ids of orders, set", "SELECT setval('order_order_id_seq', 2147483647)"),
        new("sequences of events", "SELECT nextval('events.mt_events_sequence')"),
        new("a table", "CREATE TABLE public.mine (n integer)"),
        new("a temporary table", "CREATE TEMPORARY TABLE mine (n integer)"),
        new("a schema", "CREATE SCHEMA mine"),
        new("a function", "CREATE FUNCTION public.mine() RETURNS integer LANGUAGE sql AS 'SELECT 1'"),
        new("an extension", "CREATE EXTENSION dblink"),
        new("a replication slot", "SELECT pg_create_physical_replication_slot('mine', true)"),
        new("temporary files without limit", "SET temp_file_limit = -1"),
        new("a file of the server", "COPY (SELECT 1) TO '/tmp/mine'"),
        new("a program of the server", "COPY (SELECT 1) TO PROGRAM 'true'"),

        // To end, to switch off, to become.
        new("the writer's sessions, ended",
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'ledger_writer'"),
        new("the writer's statements, cancelled",
            "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE usename = 'ledger_writer'"),
        new("the writer's settings", "ALTER ROLE ledger_writer SET statement_timeout = 1"),
        new("the writer's password", "ALTER ROLE ledger_writer PASSWORD 'mine'"),
        new("the writer's role", "SET ROLE ledger_writer"),
        new("the owner's role", "SET ROLE bifrost"),
        new("a role of its own", "CREATE ROLE mine"),
        new("the server's settings", "ALTER SYSTEM SET statement_timeout = 1"),
        new("the database's settings",
            "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET jit = off', current_database()); END $$"),
        new("the triggers, switched off", "SET session_replication_role = replica"),
        new("an index, made anew", "REINDEX TABLE portfolio"),
        new("a table, emptied", "TRUNCATE portfolio"),
        new("a checkpoint", "CHECKPOINT"),
        new("a vacuum of everything", "VACUUM FULL portfolio"),
    ];
}

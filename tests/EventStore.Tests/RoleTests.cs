using System.Text;
using Npgsql;

namespace Bifrost.EventStore.Tests;

/// <summary>
/// Every role of a module is tried against every table, both ways: what it may do, and what it may not.
/// </summary>
public sealed class RoleTests(OwnLog log) : IClassFixture<OwnLog>
{
    // A column a role, in the order of ModuleRoles.All. s, i, u, d and t: select, insert, update, delete, truncate; in
    // brackets how many columns may be updated where not all may.
    private const string Expected =
        """
        cluster.membership_version                                                                    siud
        cluster.orleansquery                                                                          s
        cluster.silo                                                                                  siud
        events.mt_doc_deadletterevent                siud                                      siud          siud
        events.mt_event_progression                  siud                                      siud          siud
        events.mt_event_projection_floors            siud                                      siud          siud
        events.mt_events                      si     s      s                                  s             s
        events.mt_high_water_skips                   siud                                      siud          siud
        events.mt_streams                     si[2u] s      s                                  s             s
        ledger.access_record                         si
        ledger.api_key                               s
        ledger.append_turn                    su
        ledger.cash_use                              siu
        ledger.command_receipt                si     s
        ledger.holding_mark                   s      s
        ledger.log_identity                          s
        ledger.portfolio_event                si     s      s                                  s             s
        ledger.portfolio_snapshot             siud   siud
        public."order"                        siud   s      s             s      s      s      s
        public.auth_user                      si     s
        public.cash_balance                   siud   s      s             s      s      s      s
        public.daily_price_aggregates         s      s      s      siu    s      s      s      s
        public.funding                        siud   s      s             s      s      s      s
        public.holding                        siud   s[2u]  s             s      s      s      s
        public.hourly_price_aggregates        s      s      s      siu    s      s      s      s
        public.instrument                     s      s      s      siu    s      s      s      s
        public.instrument_alias               s      s      s      siud   s      s      s      s
        public.instrument_change                                   su
        public.market_bar_close               s      s      s      s      s      s      s      s
        public.market_bar_correction          s      s      s      si     s      s      s      s
        public.market_bar_flag                s      s      s      siud   s      s      s      s
        public.market_bar_pending                                  siud
        public.market_bar_quarantine                               si
        public.market_bar_retention                                siu
        public.market_bar_turn                                     su
        public.market_last_price              s      s      s      siu    s      s      s      s
        public.market_overview                s      s      s      s      s      s      s      s
        public.market_stock                   s      s      s      siu    s      s      s      s
        public.market_stock_hist_bars_day_ts  s      s      s      siudt  s      s      s      s
        public.market_stock_hist_bars_hour_ts s      s      s      siudt  s      s      s      s
        public.market_stock_hist_bars_min_ts  s      s      s      siudt  s      s      s      s
        public.market_symbol                  si     s      s      siu    s      s      s      s
        public.portfolio                      siud   s[1u]  s             s      s      s      s
        public.portfolio_summary                     s      s             s      s      s      s
        public.schema_migration
        public.trade                          siud   s      s             s      s      s      s
        public.transaction                    siud   s      s             s      s      s      s
        public.weekly_price_aggregates        s      s      s      siu    s      s      s      s
        work.job                                                                                             siud
        work.job_content                                                                                     siud
        work.schedule                                                                                        siud
        work.webhook                                                                                         siud
        work.webhook_delivery                                                                                siud
        work.wolverine_agent_restrictions                                                                    siud
        work.wolverine_control_queue                                                                         siud
        work.wolverine_dead_letter_history                                                                   siud
        work.wolverine_dead_letters                                                                          siud
        work.wolverine_incoming_envelopes                                                                    siud
        work.wolverine_node_assignments                                                                      siud
        work.wolverine_node_records                                                                          siud
        work.wolverine_nodes                                                                                 siud
        work.wolverine_outgoing_envelopes                                                                    siud
        work.wolverine_queue_webhooks                                                                        siud
        work.wolverine_queue_webhooks_scheduled                                                               siud
        """;

    private const string Tables =
        """
        SELECT n.nspname || '.' || quote_ident(c.relname)
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p', 'v') AND n.nspname IN ('cluster', 'events', 'ledger', 'public', 'work')
        ORDER BY 1
        """;

    [Fact]
    public async Task each_role_can_do_to_each_table_what_its_module_does_and_nothing_else()
    {
        var found = new StringBuilder();
        foreach (var table in await Names(Tables))
        {
            var allowed = new List<string>();
            foreach (var role in ModuleRoles.All)
                allowed.Add(await Allowed(role, table));
            found.Append($"{table,-38}{string.Concat(allowed.Select(a => $"{a,-7}"))}".TrimEnd()).Append('\n');
        }

        found.ToString().ShouldBe(Expected + "\n");
    }

    [Fact]
    public async Task nobody_but_the_writer_inserts_events_and_nobody_changes_one()
    {
        foreach (var role in ModuleRoles.All)
        {
            string[] due = role == ModuleRoles.LedgerWriter ? ["si"] : ["s", ""];
            (await Allowed(role, "events.mt_events")).ShouldBeOneOf(due);
        }
    }

    [Fact]
    public async Task a_role_cannot_become_another_one()
    {
        foreach (var role in ModuleRoles.All)
        {
            await using var connection = new NpgsqlConnection(
                ModuleRoles.As(role, log.Database.ConnectionString, "").ConnectionString);
            await connection.OpenAsync();
            await using var who = new NpgsqlCommand("SELECT session_user = current_user", connection);
            if (!(bool)(await who.ExecuteScalarAsync())!)
                continue;
            foreach (var other in ModuleRoles.All.Except([role]).Append("bifrost"))
            {
                await using var become = new NpgsqlCommand($"SET ROLE {other}", connection);
                (await Should.ThrowAsync<PostgresException>(() => become.ExecuteNonQueryAsync())).SqlState
                    .ShouldBe(PostgresErrorCodes.InsufficientPrivilege);
            }
        }
    }

    [Fact]
    public void how_the_server_is_reached_is_the_same_for_every_module()
    {
        const string Owner = "Host=db;Username=owner;Password=own;SSL Mode=VerifyFull;Root Certificate=/etc/ca.pem";
        foreach (var role in ModuleRoles.All)
        {
            var asOwner = ModuleRoles.As(role, Owner, "");
            var asItself = ModuleRoles.As(role, $"{Owner};Passfile=/etc/roles.pgpass", "");

            (asOwner.SslMode, asOwner.RootCertificate).ShouldBe((SslMode.VerifyFull, "/etc/ca.pem"));
            (asItself.SslMode, asItself.RootCertificate).ShouldBe((SslMode.VerifyFull, "/etc/ca.pem"));
            (asOwner.Username, asOwner.Options!.Contains($"-c role={role} ")).ShouldBe(("owner", true));
            (asItself.Username, asItself.Password, asItself.Passfile).ShouldBe((role, null, "/etc/roles.pgpass"));
        }
    }

    // Each is really tried, on no row; the triggers that refuse a change come after the privileges.
    private async Task<string> Allowed(string role, string table)
    {
        var columns = await Names(
            $"""
            SELECT quote_ident(attname) FROM pg_attribute JOIN pg_class c ON c.oid = attrelid
            WHERE attrelid = '{table}'::regclass AND c.relkind <> 'v' AND attnum > 0 AND NOT attisdropped
                AND attgenerated = '' AND attidentity = ''
            ORDER BY attnum
            """);
        var allowed = new StringBuilder();
        if (await May(role, $"SELECT * FROM {table} LIMIT 0"))
            allowed.Append('s');
        // A view has none that could be written.
        if (columns is [])
            return allowed.ToString();
        if (await May(role, $"INSERT INTO {table} ({columns[0]}) SELECT NULL WHERE false"))
            allowed.Append('i');
        var updates = 0;
        foreach (var column in columns)
            updates += await May(role, $"UPDATE {table} SET {column} = NULL WHERE false") ? 1 : 0;
        if (updates > 0)
            allowed.Append(updates == columns.Count ? "u" : $"[{updates}u]");
        if (await May(role, $"DELETE FROM {table} WHERE false"))
            allowed.Append('d');
        if (await May(role, $"TRUNCATE {table}"))
            allowed.Append('t');
        return allowed.ToString();
    }

    private async Task<List<string>> Names(string sql)
    {
        await using var command = log.Source.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync();
        var names = new List<string>();
        while (await reader.ReadAsync())
            names.Add(reader.GetString(0));
        return names;
    }

    private async Task<bool> May(string role, string sql)
    {
        await using var connection = await log.Source.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using (var become = new NpgsqlCommand($"SET LOCAL ROLE {role}", connection, transaction))
            await become.ExecuteNonQueryAsync();
        await using var command = new NpgsqlCommand(sql, connection, transaction);
        try
        {
            await command.ExecuteNonQueryAsync();
            return true;
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.InsufficientPrivilege
            or PostgresErrorCodes.RestrictViolation)
        {
            return e.SqlState == PostgresErrorCodes.RestrictViolation;
        }
    }
}

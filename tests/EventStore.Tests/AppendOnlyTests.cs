using Npgsql;
using static Bifrost.EventStore.Tests.OwnLog;

namespace Bifrost.EventStore.Tests;

public sealed class AppendOnlyTests(OwnLog log) : IClassFixture<OwnLog>
{
    private static readonly string[] Refusals =
        [PostgresErrorCodes.RestrictViolation, PostgresErrorCodes.InsufficientPrivilege];

    public static TheoryData<string, string> Changes()
    {
        var changes = new TheoryData<string, string>();
        // Without a role the owner of the tables is asking.
        foreach (var role in (string[])[ModuleRoles.LedgerWriter, "none"])
        {
            changes.Add(role, "UPDATE events.mt_events SET data = '{}'");
            changes.Add(role, "UPDATE ledger.portfolio_event SET version = version + 1");
            changes.Add(role, "UPDATE ledger.command_receipt SET answer = ''");
            foreach (var table in (string[])["events.mt_events", "ledger.portfolio_event", "ledger.command_receipt"])
            {
                changes.Add(role, $"DELETE FROM {table}");
                changes.Add(role, $"TRUNCATE {table}");
            }
            changes.Add(role, "DELETE FROM events.mt_streams");
            changes.Add(role, "TRUNCATE events.mt_streams");
            changes.Add(role, "TRUNCATE events.mt_streams, events.mt_events CASCADE");
            // An upsert is an update as well.
            changes.Add(role,
                """
                INSERT INTO ledger.portfolio_event VALUES (301, 1, 1, sha256(''))
                ON CONFLICT (portfolio_id, version) DO UPDATE SET seq_id = 2
                """);
        }
        return changes;
    }

    [Theory]
    [MemberData(nameof(Changes))]
    public async Task the_log_is_not_changed_by(string role, string sql)
    {
        await EnsureOneEvent();

        (await Refused(role, sql)).SqlState.ShouldBeOneOf(Refusals);
    }

    [Theory]
    [InlineData("UPDATE events.mt_streams SET id = 'another'")]
    [InlineData("UPDATE events.mt_streams SET created = now()")]
    [InlineData("UPDATE events.mt_streams SET is_archived = true")]
    [InlineData("ALTER TABLE events.mt_events DISABLE TRIGGER append_only")]
    [InlineData("DROP TRIGGER append_only ON events.mt_events")]
    [InlineData("DROP TABLE events.mt_events")]
    [InlineData("CREATE OR REPLACE FUNCTION ledger.refuse_change() RETURNS trigger LANGUAGE sql AS ''")]
    [InlineData("SET session_replication_role = replica")]
    [InlineData("SELECT setval('events.mt_events_sequence', 1)")]
    public async Task the_application_cannot_take_the_refusal_away(string sql) =>
        (await Refused(ModuleRoles.LedgerWriter, sql)).SqlState.ShouldBe(PostgresErrorCodes.InsufficientPrivilege);

    [Fact]
    public async Task the_application_can_append_and_move_a_stream()
    {
        await log.Append(Deposit(311, 1));

        (await log.Log.ReadStream("funding-311").CountAsync()).ShouldBe(1);
    }

    private async Task<PostgresException> Refused(string role, string sql)
    {
        await using var connection = await log.Source.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using var become = new NpgsqlCommand($"SET LOCAL ROLE {role}", connection, transaction);
        await become.ExecuteNonQueryAsync();
        await using var change = new NpgsqlCommand(sql, connection, transaction);
        return await Should.ThrowAsync<PostgresException>(() => change.ExecuteNonQueryAsync());
    }

    private async Task EnsureOneEvent()
    {
        if (await log.Log.ReadStream("funding-301").CountAsync() == 0)
            await log.Append(Deposit(301, 1));
    }
}

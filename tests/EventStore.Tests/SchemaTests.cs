using System.Text.RegularExpressions;
using Weasel.Core.Migrations;

namespace Bifrost.EventStore.Tests;

/// <summary>The tables as a program that has Marten 9 expects them.</summary>
public sealed partial class SchemaTests(OwnLog log) : IClassFixture<OwnLog>
{
    // The one thing that Marten would change: the key that checks each event's stream, and deletes events with it.
    private const string Intended =
        """
        ALTER TABLE events.mt_events
        ADD CONSTRAINT fkey_mt_events_stream_id FOREIGN KEY(stream_id)
        REFERENCES events.mt_streams(id)ON DELETE CASCADE
        ;
        """;

    [Fact]
    public async Task the_log_is_what_martens_configuration_asks_for_but_for_one_foreign_key()
    {
        var differs = await Should.ThrowAsync<DatabaseValidationException>(
            () => LedgerStore.Of(log.Source).Storage.Database.AssertDatabaseMatchesConfigurationAsync());

        differs.Message.Split("detected:")[1].ReplaceLineEndings("\n").Trim()
            .ShouldBe(Intended.ReplaceLineEndings("\n"));
    }

    [Fact]
    public async Task applying_the_schema_again_changes_nothing() =>
        (await SchemaMigrations.Apply(log.Source)).ShouldBeEmpty();

    [Fact]
    public async Task an_index_of_ours_that_marten_is_to_leave_alone_is_there() =>
        (await log.Rows("SELECT indexname FROM pg_indexes WHERE schemaname = 'events' AND tablename = 'mt_events'"))
            .Order().ShouldBe(
            [
                "(mt_events_actor)", "(mt_events_correlation)", "(mt_events_recorded)", "(mt_events_type)",
                "(pk_mt_events_stream_and_version)", "(pkey_mt_events_seq_id)", "(trade_voided_portfolio)",
            ]);

    [Fact]
    public async Task no_key_of_another_table_deletes_an_event() =>
        (await log.Rows(
            """
            SELECT conrelid::regclass FROM pg_constraint
            WHERE contype = 'f' AND connamespace IN ('events'::regnamespace, 'ledger'::regnamespace)
            """))
            .ShouldBeEmpty();

    [Fact]
    public async Task sequences_come_from_the_sequence_that_marten_names() =>
        (await log.Rows("SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'events'"))
            .ShouldBe(["(mt_events_sequence,)"]);

    [Theory]
    [MemberData(nameof(Types))]
    public void a_marten_program_finds_the_type_of_every_event(string alias)
    {
        var type = EventCatalog.All.Single(type => type.Alias == alias);

        Type.GetType(type.DotnetType).ShouldBe(type.Clr);
        // The alias that Marten would give the type by itself.
        WordStart().Replace(type.Clr.Name, "_$0").ToLowerInvariant().ShouldBe(alias);
    }

    public static TheoryData<string> Types() => [.. EventCatalog.All.Select(type => type.Alias)];

    [GeneratedRegex("(?<!^)[A-Z]")]
    private static partial Regex WordStart();
}

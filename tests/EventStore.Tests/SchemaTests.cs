using System.Text.RegularExpressions;

namespace Bifrost.EventStore.Tests;

/// <summary>The tables as a program that has Marten 9 expects them.</summary>
public sealed partial class SchemaTests(OwnLog log) : IClassFixture<OwnLog>
{
    [Theory]
    [InlineData("mt_streams",
        """
        id character varying not null
        type character varying
        version bigint
        timestamp timestamp with time zone not null default now()
        created timestamp with time zone not null default now()
        tenant_id character varying default '*DEFAULT*'::character varying
        is_archived boolean default false
        """)]
    [InlineData("mt_events",
        """
        seq_id bigint not null
        id uuid not null
        stream_id character varying
        version bigint not null
        data jsonb not null
        bdata bytea
        type character varying(500) not null
        timestamp timestamp with time zone not null default now()
        tenant_id character varying default '*DEFAULT*'::character varying
        correlation_id character varying
        causation_id character varying
        headers jsonb
        user_name character varying
        mt_dotnet_type character varying
        is_archived boolean default false
        """)]
    [InlineData("mt_event_progression",
        """
        name character varying not null
        last_seq_id bigint
        last_updated timestamp with time zone default now()
        """)]
    public async Task a_table_of_the_log_has_martens_columns(string table, string columns) =>
        (await log.Database.Query<string>(
            $"""
            SELECT string_agg(concat_ws(' ', attname, format_type(atttypid, atttypmod),
                                        CASE WHEN attnotnull THEN 'not null' END,
                                        'default ' || pg_get_expr(adbin, adrelid)), E'\n' ORDER BY attnum)
            FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
            WHERE attrelid = 'events.{table}'::regclass AND attnum > 0 AND NOT attisdropped
            """))
            .ShouldBe(columns.ReplaceLineEndings("\n"));

    [Fact]
    public async Task the_log_has_martens_keys_and_none_that_deletes_events() =>
        (await log.Database.Query<string>(
            """
            SELECT string_agg(indexdef, E'\n' ORDER BY indexname)
            FROM pg_indexes WHERE schemaname = 'events' AND indexdef LIKE '%UNIQUE%'
            """))
            .ShouldBe(
                """
                CREATE UNIQUE INDEX pk_mt_event_progression ON events.mt_event_progression USING btree (name)
                CREATE UNIQUE INDEX pk_mt_events ON events.mt_events USING btree (seq_id)
                CREATE UNIQUE INDEX pk_mt_events_stream_and_version ON events.mt_events USING btree (stream_id, version)
                CREATE UNIQUE INDEX pk_mt_streams ON events.mt_streams USING btree (id)
                """.ReplaceLineEndings("\n"));

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

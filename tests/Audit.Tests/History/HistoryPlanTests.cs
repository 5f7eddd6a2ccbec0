using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Bifrost.Audit.History;
using Npgsql;

namespace Bifrost.Audit.Tests.History;

/// <summary>
/// No question, alone or two together, scans or sorts the log: with values that the planner knows and with those that
/// it does not, each statement goes by an index and stops where the page stops.
/// </summary>
public sealed partial class HistoryPlanTests(FilledLog log) : IClassFixture<FilledLog>
{
    private static readonly string[] Scans = ["Seq Scan", "Parallel Seq Scan", "Bitmap Heap Scan"];

    [Theory]
    [InlineData("force_custom_plan")]
    [InlineData("force_generic_plan")]
    public async Task no_question_scans_or_sorts_the_log(string mode)
    {
        await using var connection = await log.Reads.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await Execute(connection, $"{EventHistory.Plans}; SET LOCAL plan_cache_mode = {mode}");
        foreach (var (name, filter) in Questions.All)
        {
            foreach (var statement in await Statements(connection, filter))
            {
                foreach (var node in Nodes(await Plan(connection, statement)))
                    Check(node, $"{name}, {mode}: {statement.Sql}", filter.CommandId is not null);
            }
        }
    }

    [Theory]
    [InlineData("first_recorded")]
    [InlineData("last_recorded")]
    public async Task where_a_moment_was_passed_is_found_without_reading_the_log(string function)
    {
        var pages = await log.Database.Query<long>(
            "SELECT pg_relation_size('events.mt_events') / current_setting('block_size')::bigint");
        pages.ShouldBeGreaterThan(4_000);
        // A session that runs it for the first time reads a thousand pages of the catalog besides.
        await log.Database.Query<long>($"SELECT ledger.{function}('{FilledLog.Noon:O}')");
        foreach (var second in new[] { -1, 0, 1, 100, 20_000, 33_333, 50_000, 66_666, 70_000 })
        {
            var at = FilledLog.Noon.AddSeconds(second).ToString("O");
            var plan = JsonNode.Parse(await log.Database.Query<string>(
                $"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) SELECT ledger.{function}('{at}')"))![0]!["Plan"]!;
            var read = plan["Shared Hit Blocks"]!.GetValue<long>() + plan["Shared Read Blocks"]!.GetValue<long>();
            // Some ranges of 128 pages, where clocks differed, and a few pages for each halving.
            read.ShouldBeLessThan(1_000, $"{function} at {at}");
        }
    }

    // As the route runs them, in the order in which it does; each may be run for some page.
    private static async Task<List<Statement>> Statements(NpgsqlConnection connection, HistoryFilter filter)
    {
        var span = HistorySql.Span(filter);
        var bounds = await Read(connection, span);
        var sequences = new Between(bounds[0], bounds[1]);
        var versions = HistorySql.Versions(filter, sequences);
        var found = await Read(connection, versions);
        var whole = new HistorySpan(sequences, new(found[0], found[1]), new(found[2], found[3]));
        var ways = HistorySql.Ways(filter);
        List<Statement> statements = [span, versions, .. ways.Select(way => HistorySql.Page(filter, whole, way))];
        if (filter.CommandId is not null)
            return statements;
        return
        [
            .. statements, HistorySql.Candidates(filter, whole, ways),
            .. ways.Select(way => HistorySql.LastCandidate(filter, whole, way)),
        ];
    }

    private static void Check(JsonNode node, string what, bool isCommand)
    {
        var type = node["Node Type"]!.GetValue<string>();
        Scans.ShouldNotContain(type, what);
        // A command's own events are put in order, as its last one is found first.
        if (!isCommand)
            type.ShouldNotBe("Sort", what);
        var loops = Number(node, "Actual Loops");
        var rows = (Number(node, "Actual Rows") + Number(node, "Rows Removed by Filter")) * loops;
        rows.ShouldBeLessThanOrEqualTo(EventHistory.MostLookedAt + 1, what);
    }

    private static double Number(JsonNode node, string name) => node[name]?.GetValue<double>() ?? 0;

    private static IEnumerable<JsonNode> Nodes(JsonNode plan) =>
        [plan, .. (plan["Plans"]?.AsArray() ?? []).SelectMany(child => Nodes(child!))];

    private static async Task<JsonNode> Plan(NpgsqlConnection connection, Statement statement)
    {
        var names = Names().Matches(statement.Sql).Select(match => match.Groups[1].Value).Distinct().ToList();
        var values = names.Select(name => statement.Values.First(value => value.ParameterName == name)).ToList();
        var sql = Names().Replace(
            statement.Sql,
            match => string.Create(CultureInfo.InvariantCulture, $"${names.IndexOf(match.Groups[1].Value) + 1}"));
        await Execute(connection, $"PREPARE asked {InBrackets(values.Select(Type))} AS {sql}");
        await using var explain = new NpgsqlCommand(
            $"EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE asked {InBrackets(values.Select(Literal))}", connection);
        var plan = JsonNode.Parse((string)(await explain.ExecuteScalarAsync())!)![0]!["Plan"]!;
        await Execute(connection, "DEALLOCATE asked");
        return plan;
    }

    private static string InBrackets(IEnumerable<string> list) =>
        string.Join(", ", list) is { Length: > 0 } text ? $"({text})" : "";

    private static string Type(NpgsqlParameter value) => value.Value switch
    {
        int => "integer",
        long => "bigint",
        string => "varchar",
        DateTime => "timestamptz",
        _ => throw new ArgumentOutOfRangeException(nameof(value), value.Value, "No value of a filter."),
    };

    private static string Literal(NpgsqlParameter value) => value.Value switch
    {
        string text => $"'{text}'",
        DateTime time => $"'{time:O}'",
        _ => Convert.ToString(value.Value, CultureInfo.InvariantCulture)!,
    };

    private static async Task<long[]> Read(NpgsqlConnection connection, Statement statement)
    {
        await using var command = statement.On(connection);
        await using var reader = await command.ExecuteReaderAsync();
        await reader.ReadAsync();
        return [.. Enumerable.Range(0, reader.FieldCount).Select(reader.GetInt64)];
    }

    private static async Task Execute(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    [GeneratedRegex(@"(?<![@\w])@(\w+)")]
    private static partial Regex Names();
}

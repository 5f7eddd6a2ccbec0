using Bifrost.Replay.Verifying;

namespace Bifrost.Replay.Tests;

public sealed class VerificationTests(TradedLedger traded) : IClassFixture<TradedLedger>
{
    private const int Unknown = 1_000_000;

    public static TheoryData<string, string> Columns()
    {
        var columns = new TheoryData<string, string>();
        foreach (var table in ProjectedTable.All)
        {
            foreach (var column in table.Columns)
                columns.Add(table.Name, column.Name);
        }
        return columns;
    }

    public static TheoryData<string> Tables() => [.. ProjectedTable.All.Select(table => table.Name)];

    public static TheoryData<string> TablesBesidePortfolio() =>
        [.. ProjectedTable.All.Skip(1).Select(table => table.Name)];

    [Fact]
    public async Task an_untouched_database_equals_its_replay()
    {
        var verified = await traded.Verify();

        verified.Differences.ShouldBeEmpty();
        verified.Portfolios.ShouldBe(4);
        verified.Events.ShouldBe(await traded.Database.Query<long>("SELECT count(*) FROM events.mt_events"));
        foreach (var table in ProjectedTable.All)
            (await FirstKey(table)).ShouldBeGreaterThan(0, table.Name);
    }

    [Theory]
    [MemberData(nameof(Columns))]
    public async Task a_changed_value_is_found_by_table_key_and_column(string tableName, string columnName)
    {
        var table = ProjectedTable.All.Single(table => table.Name == tableName);
        var column = table.Columns.Single(column => column.Name == columnName);
        var key = await FirstKey(table);

        var differences = await traded.DifferencesAfter(
            $"UPDATE {table.Name} SET {columnName} = {column.Another(traded.Idle)} WHERE {table.Key} = {key}",
            $"""
            UPDATE {table.Name} AS t SET {columnName} = b.{columnName}
            FROM before.{table.Name} AS b WHERE b.{table.Key} = t.{table.Key}
            """);

        var found = differences.ShouldHaveSingleItem();
        (found.Table, found.Key, found.Column).ShouldBe((table.Name, key, columnName));
        (await traded.Verify()).Differences.ShouldBeEmpty();
    }

    [Fact]
    public async Task a_difference_says_what_the_table_has_and_what_the_log_says()
    {
        var key = await traded.Database.Query<int>(
            $"SELECT holding_id FROM holding WHERE portfolio_id = {traded.Busy} AND symbol = 'ORCL'");

        var differences = await traded.DifferencesAfter(
            $"UPDATE holding SET quantity = 30.00000001, current_price = 45 WHERE holding_id = {key}",
            $"UPDATE holding SET quantity = 30, current_price = 46.02 WHERE holding_id = {key}");

        differences.ShouldBe([
            new Difference("holding", key, "quantity", "30.00000001", "30"),
            new Difference("holding", key, "current_price", "45", "46.02"),
        ]);
    }

    [Fact]
    public async Task times_that_differ_by_a_microsecond_are_told_apart()
    {
        var one = $"WHERE portfolio_id = {traded.Busy}";

        var differences = await traded.DifferencesAfter(
            $"UPDATE portfolio SET updated_at = updated_at + interval '1 microsecond' {one}",
            $"UPDATE portfolio SET updated_at = updated_at - interval '1 microsecond' {one}");

        var found = differences.ShouldHaveSingleItem();
        found.Live.ShouldNotBe(found.Replayed);
    }

    [Theory]
    [MemberData(nameof(Tables))]
    public async Task a_missing_row_is_found(string tableName)
    {
        var table = ProjectedTable.All.Single(table => table.Name == tableName);
        var key = await FirstKey(table);

        var differences = await traded.DifferencesAfter(
            $"DELETE FROM {table.Name} WHERE {table.Key} = {key}",
            $"""
            INSERT INTO {table.Name} ({table.Written})
            SELECT {table.Written} FROM before.{table.Name} WHERE {table.Key} = {key}
            """);

        differences.ShouldBe([new Difference(table.Name, key, "", "nothing", "a row")]);
    }

    [Theory]
    [MemberData(nameof(Tables))]
    public async Task a_row_that_no_event_made_is_found(string tableName)
    {
        var table = ProjectedTable.All.Single(table => table.Name == tableName);

        var differences = await traded.DifferencesAfter(Copy(table, ""), Delete(table));

        differences.ShouldBe([new Difference(table.Name, Unknown, "", "a row", "nothing")]);
    }

    [Theory]
    [MemberData(nameof(TablesBesidePortfolio))]
    public async Task a_row_of_a_portfolio_that_the_log_does_not_know_is_found(string tableName)
    {
        var table = ProjectedTable.All.Single(table => table.Name == tableName);

        var differences = await traded.DifferencesAfter(
            Copy(table, $", \"portfolio_id\": {Unknown}"), Delete(table));

        differences.ShouldBe([new Difference(table.Name, Unknown, "", "a row", "nothing")]);
    }

    [Fact]
    public async Task one_portfolio_is_verified_alone()
    {
        var both = $"WHERE portfolio_id IN ({traded.Busy}, {traded.Flat})";
        await traded.Execute($"UPDATE portfolio SET version = version + 1 {both}");

        var verified = await traded.Verify(traded.Flat);

        await traded.Execute($"UPDATE portfolio SET version = version - 1 {both}");
        verified.Portfolios.ShouldBe(1);
        verified.Differences.ShouldHaveSingleItem().Key.ShouldBe(traded.Flat);
    }

    [Fact]
    public async Task a_portfolio_that_is_not_there_has_nothing_to_differ()
    {
        var verified = await traded.Verify(Unknown);

        (verified.Portfolios, verified.Events, verified.Differences.Count).ShouldBe((0, 0, 0));
    }

    private Task<int> FirstKey(ProjectedTable table) =>
        traded.Database.Query<int>($"SELECT min({table.Key}) FROM {table.Name}");

    // A copy of some row under a key, a name, a symbol and a currency that no row has.
    private static string Copy(ProjectedTable table, string members)
    {
        var changed =
            $$"""{"{{table.Key}}": {{Unknown}}, "name": "Copy", "symbol": "COPY", "currency": "CHF"{{members}}}""";
        return
            $"""
            INSERT INTO {table.Name} ({table.Written})
            SELECT {table.Written} FROM (
                SELECT (jsonb_populate_record(r, '{changed}')).* FROM {table.Name} AS r ORDER BY {table.Key} LIMIT 1
            ) AS copied
            """;
    }

    private static string Delete(ProjectedTable table) => $"DELETE FROM {table.Name} WHERE {table.Key} = {Unknown}";
}

using Bifrost.Replay.Rebuilding;

namespace Bifrost.Replay.Tests.Rebuilding;

public sealed class RebuildTests(TradedLedger traded) : IClassFixture<TradedLedger>
{
    private const int Unknown = 1_000_000;

    public static TheoryData<string> Tables() => [.. ProjectedTable.All.Select(table => table.Name)];

    [Fact]
    public async Task tables_that_are_right_are_not_written()
    {
        var before = await Versions();

        var rebuilt = await traded.Rebuild();

        (rebuilt.Portfolios, rebuilt.RowsChanged, rebuilt.Healed.Count, rebuilt.Stopped.Count).ShouldBe((4, 0, 0, 0));
        (await Versions()).ShouldBe(before);
    }

    [Theory]
    [MemberData(nameof(Tables))]
    public async Task a_row_that_differs_in_every_column_is_put_right(string tableName)
    {
        var table = ProjectedTable.All.Single(table => table.Name == tableName);
        var key = await traded.Database.Query<int>($"SELECT min({table.Key}) FROM {table.Name}");
        var changes = table.Columns.Select(column => $"{column.Name} = {column.Another(traded.Idle)}");
        await traded.Execute($"UPDATE {table.Name} SET {string.Join(", ", changes)} WHERE {table.Key} = {key}");
        (await traded.Verify()).Differences.ShouldNotBeEmpty();

        (await traded.Rebuild()).RowsChanged.ShouldBeGreaterThan(0);

        (await traded.Verify()).Differences.ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Tables))]
    public async Task missing_rows_are_made_again_and_rows_of_no_event_are_taken_away(string tableName)
    {
        var table = ProjectedTable.All.Single(table => table.Name == tableName);
        var invented = $$"""{"{{table.Key}}": {{Unknown}}, "name": "Copy", "symbol": "COPY", "currency": "CHF"}""";
        await traded.Execute(
            $"""
            INSERT INTO {table.Name} ({table.Written})
            SELECT {table.Written} FROM (
                SELECT (jsonb_populate_record(r, '{invented}')).* FROM {table.Name} AS r ORDER BY {table.Key} LIMIT 1
            ) AS copied
            """);
        await traded.Execute($"DELETE FROM {table.Name} WHERE {table.Key} < {Unknown}");

        await traded.Rebuild();

        (await traded.Verify()).Differences.ShouldBeEmpty();
        var invention = $"SELECT count(*) FROM {table.Name} WHERE {table.Key} = {Unknown}";
        (await traded.Database.Query<long>(invention)).ShouldBe(0);
    }

    [Fact]
    public async Task names_that_two_portfolios_have_swapped_come_back()
    {
        await Name(traded.Busy, "x");
        await Name(traded.Flat, $"Portfolio {traded.Busy}");
        await Name(traded.Busy, $"Portfolio {traded.Flat}");

        (await traded.Rebuild()).Healed.ShouldBe([traded.Busy, traded.Flat], ignoreOrder: true);

        (await traded.Verify()).Differences.ShouldBeEmpty();
    }

    [Fact]
    public async Task one_portfolio_is_rebuilt_alone()
    {
        var both = $"WHERE portfolio_id IN ({traded.Busy}, {traded.Flat})";
        await traded.Execute($"UPDATE portfolio SET version = version + 1 {both}");

        (await traded.Rebuild(traded.Busy)).Healed.ShouldBe([traded.Busy]);

        (await traded.Verify()).Differences.ShouldHaveSingleItem().Key.ShouldBe(traded.Flat);
        await traded.Rebuild(traded.Flat);
        (await traded.Verify()).Differences.ShouldBeEmpty();
    }

    [Fact]
    public async Task a_value_of_no_projection_is_kept()
    {
        await traded.Execute("UPDATE transaction SET notes = 'mine', price = price + 1");

        await traded.Rebuild();

        (await traded.Verify()).Differences.ShouldBeEmpty();
        (await traded.Database.Query<bool>("SELECT bool_and(notes = 'mine') FROM transaction")).ShouldBeTrue();
    }

    [Theory]
    [InlineData(RebuildStage.Folding)]
    [InlineData(RebuildStage.Comparing)]
    [InlineData(RebuildStage.Swapping)]
    public async Task a_rebuild_that_is_cut_off_leaves_whole_portfolios_and_can_be_run_again(RebuildStage at)
    {
        await traded.Execute("UPDATE holding SET quantity = quantity + 1; DELETE FROM funding");
        var before = await Versions();

        await Should.ThrowAsync<CutOffException>(() => new Rebuild(traded.Rebuilds).Run(null, told =>
        {
            if (told.Stage == at)
                throw new CutOffException();
        }));

        if (at != RebuildStage.Swapping)
            (await Versions()).ShouldBe(before);
        await traded.Rebuild();
        (await traded.Verify()).Differences.ShouldBeEmpty();
    }

    [Fact]
    public async Task a_rebuild_whose_connection_is_lost_leaves_the_tables_as_they_were()
    {
        await traded.Execute("UPDATE holding SET quantity = quantity + 1");
        var before = await Versions();

        await Should.ThrowAsync<Npgsql.NpgsqlException>(() => new Rebuild(traded.Rebuilds).Run(null, told =>
        {
            if (told.Stage == RebuildStage.Comparing)
                EndOthers();
        }));

        (await Versions()).ShouldBe(before);
        await traded.Rebuild();
        (await traded.Verify()).Differences.ShouldBeEmpty();
    }

    private Task Name(int portfolio, string name) =>
        traded.Execute($"UPDATE portfolio SET name = '{name}' WHERE portfolio_id = {portfolio}");

    // Who wrote each row last: a row that was written again has another one.
    private Task<string> Versions() => traded.Database.Query<string>(
        $"""
        SELECT string_agg(version, ',' ORDER BY version) FROM (
            {string.Join(" UNION ALL ", ProjectedTable.All.Select(table =>
                $"SELECT '{table.Name.Trim('"')}' || {table.Key} || ':' || xmin AS version FROM {table.Name}"))}
        ) AS versions
        """);

    private void EndOthers()
    {
        using var superuser = new Npgsql.NpgsqlConnection(traded.Database.SuperuserConnectionString);
        superuser.Open();
        using var end = new Npgsql.NpgsqlCommand(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
            + "WHERE datname = current_database() AND application_name = 'bifrost rebuild' AND state <> 'idle'",
            superuser);
        end.ExecuteScalar();
    }

    private sealed class CutOffException : Exception;
}

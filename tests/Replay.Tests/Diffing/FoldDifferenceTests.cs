using Bifrost.Replay.Diffing;

namespace Bifrost.Replay.Tests.Diffing;

public sealed class FoldDifferenceTests(TradedLedger traded) : IClassFixture<TradedLedger>
{
    [Fact]
    public async Task a_build_that_folds_alike_differs_in_nothing()
    {
        var folded = await Folded(long.MaxValue);

        folded.ShouldContain($"\"portfolio\":{traded.Busy},\"table\":\"holding\"");
        Between(folded, await Folded(long.MaxValue)).ShouldBeEmpty();
    }

    [Fact]
    public async Task cents_rows_and_portfolios_that_differ_are_told_apart()
    {
        var ours = await Folded(long.MaxValue);
        var lines = ours.Split('\n').Where(line => !line.Contains($"\"portfolio\":{traded.Idle},")).ToList();
        var at = lines.FindIndex(line => line.Contains("\"cash_balance\":"));
        var cash = System.Text.Json.Nodes.JsonNode.Parse(lines[at])!;
        cash["row"]!["cash_balance"] = "1.25";
        lines[at] = cash.ToJsonString();

        var found = Between(string.Join('\n', lines), ours);

        var cents = found.Single(d => d.Column == "cash_balance");
        (cents.Table, cents.Theirs).ShouldBe(("portfolio", "1.25"));
        cents.Amount.ShouldBe(decimal.Parse(cents.Ours!, System.Globalization.CultureInfo.InvariantCulture) - 1.25m);
        found.Where(d => d.PortfolioId == traded.Idle).ShouldAllBe(d => d.Column == "" && d.Ours == "a row");
        found.Where(d => d.PortfolioId == traded.Idle).Select(d => d.Table).ShouldBe(["portfolio", "cash_balance"]);
    }

    [Fact]
    public async Task a_fold_goes_through_the_event_that_is_asked_for()
    {
        var first = await traded.Database.Query<long>("SELECT min(seq_id) FROM events.mt_events");

        (await Folded(first)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Length.ShouldBe(2);
    }

    private async Task<string> Folded(long through)
    {
        using var stream = new MemoryStream();
        await new FoldedRows(traded.Reads).Write(stream, through);
        return System.Text.Encoding.UTF8.GetString(stream.ToArray());
    }

    private static List<FoldDifference> Between(string theirs, string ours)
    {
        using var their = new StringReader(theirs);
        using var our = new StringReader(ours);
        return [.. FoldDifferences.Between(their, our)];
    }
}

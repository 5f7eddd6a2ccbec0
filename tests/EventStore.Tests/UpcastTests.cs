using System.Text;
using Bifrost.Domain;
using Bifrost.Domain.Holdings;
using Bifrost.Domain.Orders;
using Bifrost.Domain.Trades;

namespace Bifrost.EventStore.Tests;

/// <summary>
/// Every shape that was ever stored is read for ever. Samples/ALIAS.1.json has the first shape of an event that has
/// another today, ALIAS.2.json the second; such a file never changes.
/// </summary>
public sealed class UpcastTests(OwnLog log) : IClassFixture<OwnLog>
{
    private const long StreamVersion = 4;

    public static TheoryData<string> Files() => [.. Samples];

    public static TheoryData<string> OlderFiles() => [.. Samples.Where(IsOlder)];

    [Theory]
    [MemberData(nameof(Files))]
    public void every_shape_that_was_ever_stored_is_read(string file)
    {
        foreach (var stored in Lines(file))
            EventCatalog.Of(Read(file, stored)).Alias.ShouldBe(AliasOf(file));
    }

    [Theory]
    [MemberData(nameof(OlderFiles))]
    public void an_older_shape_is_another_than_that_of_today(string file)
    {
        foreach (var stored in Lines(file))
            EventCatalog.Write(Read(file, stored)).ShouldNotContain("null");
        Lines(file).Intersect(Lines($"{AliasOf(file)}.json")).ShouldBeEmpty();
    }

    [Fact]
    public void a_restated_trade_without_a_version_has_the_one_of_its_place()
    {
        var today = Today<TradeRestated>("trade_restated");

        Older<TradeRestated>("trade_restated").ShouldBe(
            today.Select(e => e with
            {
                Version = StreamVersion - 1,
                Trade = e.Trade with { Multiplier = null, Currency = null, IsFinelyPriced = null },
            }));
    }

    [Fact]
    public void a_restated_trade_with_a_version_keeps_it_wherever_it_stands() =>
        Today<TradeRestated>("trade_restated").ShouldAllBe(e => e.Version == 3);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void a_restated_holding_that_told_all_its_lots_has_these(int shape)
    {
        var opened = Today<LotOpened>("lot_opened")[0];
        var before = Holding.Evolve(null, opened, opened.OccurredAt);
        foreach (var e in Older<HoldingRestated>("holding_restated", shape))
        {
            e.LotChanges.ShouldBeNull();
            Holding.Evolve(before, e, e.OccurredAt).Lots.ShouldBe(e.Lots!.Value);
        }
    }

    [Fact]
    public void a_split_that_told_all_its_lots_has_these()
    {
        var opened = Today<LotOpened>("lot_opened")[0];
        var before = Holding.Evolve(null, opened, opened.OccurredAt);
        foreach (var e in Older<HoldingSplit>("holding_split"))
            Holding.Evolve(before, e, e.OccurredAt).Lots.ShouldBe(e.Lots!.Value);
    }

    [Fact]
    public void a_restated_holding_that_tells_nothing_of_its_lots_or_what_cannot_be_is_not_folded()
    {
        var opened = Today<LotOpened>("lot_opened")[0];
        var before = Holding.Evolve(null, opened, opened.OccurredAt);
        var silent = Today<HoldingRestated>("holding_restated")[1] with { LotChanges = null };
        var elsewhere = silent with { LotChanges = [new LotChange(1, 1, [])] };

        Should.Throw<InvalidHistoryException>(() => Holding.Evolve(before, silent, silent.OccurredAt));
        Should.Throw<InvalidHistoryException>(() => Holding.Evolve(before, elsewhere, elsewhere.OccurredAt));
    }

    [Fact]
    public void a_restated_holding_that_told_no_price_and_no_trades_has_none()
    {
        foreach (var e in Older<HoldingRestated>("holding_restated"))
            (e.LastPrice, e.TradeIds).ShouldBe((null, null));
    }

    [Fact]
    public void a_restated_holding_that_told_no_price_keeps_the_price_it_had()
    {
        var opened = Today<LotOpened>("lot_opened")[1];
        var restated = Older<HoldingRestated>("holding_restated")[0];
        var before = Holding.Evolve(null, opened, opened.OccurredAt);

        var after = Holding.Evolve(before, restated, restated.OccurredAt);

        (after.LastPrice, after.Quantity, after.CostBasis).ShouldBe((45.08m, 90m, 4057.56m));
        Holding.Evolve(before, restated with { LastPrice = 46m }, restated.OccurredAt).LastPrice.ShouldBe(46m);
    }

    [Fact]
    public void a_restated_holding_that_told_nothing_of_being_new_was_an_amendment() =>
        Older<HoldingRestated>("holding_restated", 2).ShouldAllBe(e => e.IsNew == null && e.LastPrice == 46m);

    [Fact]
    public void matched_lots_that_named_none_were_named_by_nobody() =>
        Older<LotsMatched>("lots_matched").ShouldAllBe(e => e.Named == null && e.Matches.Length == 1);

    [Fact]
    public void an_order_that_told_no_fees_expected_none()
    {
        var placed = Older<OrderPlaced>("order_placed")[0];

        placed.EstimatedFees.ShouldBeNull();
        Order.Evolve(null, placed, placed.OccurredAt).EstimatedFees.ShouldBe(0);
    }

    [Theory]
    [InlineData("trade_restated", """{"portfolioId":3,"tradeId":9}""")]
    [InlineData("trade_restated", """{"portfolioId":3,"version":2,"tradeId":9}""")]
    [InlineData("trade_restated", "[]")]
    [InlineData("trade_restated", "null")]
    [InlineData("trade_restated", "{")]
    [InlineData("cash_deposited", "null")]
    [InlineData("cash_deposited", "7")]
    public void what_is_no_shape_of_an_event_is_not_read(string alias, string json)
    {
        var failure = Should.Throw<UnreadableEventException>(
            () => EventCatalog.Read(alias, Encoding.UTF8.GetBytes(json), StreamVersion));

        failure.Message.ShouldContain(alias);
        failure.Message.ShouldNotContain("Bifrost.");
        failure.InnerException.ShouldNotBeNull();
    }

    [Fact]
    public async Task an_older_shape_in_the_log_is_read_with_its_place_there()
    {
        await log.Append(Deposit(281, 1));
        await log.Insert(281, "trade-281", 7, "trade_restated", Lines("trade_restated.1.json")[0]);

        var read = await log.Log.ReadStream("trade-281").SingleAsync();

        ((TradeRestated)read.Data).Version.ShouldBe(6);
    }

    [Fact]
    public async Task an_unreadable_event_says_where_it_stands()
    {
        await log.Insert(282, "funding-282", 3, "cash_deposited", "{}");

        var failure = await Should.ThrowAsync<UnreadableEventException>(
            async () => await log.Log.ReadStream("funding-282").SingleAsync());

        (failure.Place!.Stream, failure.Place.Version).ShouldBe(("funding-282", 3));
        failure.Message.ShouldStartWith($"Event {failure.Place.Sequence} of the log, version 3 of funding-282: ");
    }

    private static NewEvent Deposit(int portfolioId, long n) => OwnLog.Deposit(portfolioId, n);

    private static List<T> Today<T>(string alias)
        where T : LedgerEvent => [.. Lines($"{alias}.json").Select(line => (T)Read(alias, line))];

    private static List<T> Older<T>(string alias, int shape = 1)
        where T : LedgerEvent => [.. Lines($"{alias}.{shape}.json").Select(line => (T)Read(alias, line))];

    private static LedgerEvent Read(string file, string stored) =>
        EventCatalog.Read(AliasOf(file), Encoding.UTF8.GetBytes(stored), StreamVersion);

    private static string AliasOf(string file) => file.Split('.')[0];

    private static bool IsOlder(string file) => file.Split('.').Length == 3;

    private static List<string> Lines(string file) =>
        [.. File.ReadAllLines(Path.Combine(Folder, file))[1..^1].Select(line => line.TrimEnd(','))];

    private static IEnumerable<string> Samples =>
        Directory.GetFiles(Folder, "*.json").Select(file => Path.GetFileName(file)).Where(f => f != "words.json");

    private static string Folder => SampleTests.PathOf("");
}

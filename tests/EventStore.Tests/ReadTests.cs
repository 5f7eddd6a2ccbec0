using static Bifrost.EventStore.Tests.OwnLog;

namespace Bifrost.EventStore.Tests;

public sealed class ReadTests(OwnLog log) : IClassFixture<OwnLog>
{
    [Fact]
    public async Task an_event_is_read_as_it_was_written()
    {
        var written = Deposit(201, 1);
        var sequence = (await log.Append(written)).Single();

        var read = await log.Log.ReadStream("funding-201").SingleAsync();

        read.ShouldBe(new StoredEvent(
            sequence, read.Id, "funding-201", 1, written.Data, written.RecordedAt, written.Origin));
    }

    [Fact]
    public async Task what_an_event_says_is_the_same_after_the_log_kept_it()
    {
        var facts = PortfolioFacts.All.Concat(OrderFacts.All).Concat(HoldingFacts.All).Concat(TradeFacts.All).ToList();
        var versions = new Dictionary<string, long>();
        await log.Append([.. facts.Select((fact, i) =>
            Fact(fact, versions[fact.Stream.Value] = versions.GetValueOrDefault(fact.Stream.Value) + 1, i + 1))]);

        var read = await log.Log.ReadPortfolio(3).Select(stored => EventCatalog.Write(stored.Data)).ToListAsync();

        read.ShouldBe(facts.Select(EventCatalog.Write));
    }

    [Fact]
    public async Task an_origin_without_a_correlation_is_read_without_one()
    {
        await log.Append(Again(Deposit(202, 1), new Origin("tester", "command:1", null)));

        (await log.Log.ReadStream("funding-202").SingleAsync()).Origin.CorrelationId.ShouldBeNull();
    }

    [Fact]
    public async Task a_stream_is_read_alone_and_in_its_order()
    {
        await log.Append(Deposit(211, 1), Deposit(212, 1), Deposit(211, 2));
        await log.Append(Deposit(211, 3));

        (await Versions(log.Log.ReadStream("funding-211"))).ShouldBe([1, 2, 3]);
        (await Versions(log.Log.ReadStream("funding-999"))).ShouldBeEmpty();
    }

    [Fact]
    public async Task a_portfolio_is_read_over_its_streams_after_a_version()
    {
        await log.Append(Deposit(221, 1), Fact(OrderFacts.Cancelled(221, orderId: 2210), 1, 2), Deposit(221, 2, 3));
        await log.Append(Deposit(222, 1), Fact(OrderFacts.Cancelled(221, orderId: 2211), 1, 4));

        (await Streams(log.Log.ReadPortfolio(221)))
            .ShouldBe(["funding-221", "order-2210", "funding-221", "order-2211"]);
        (await Streams(log.Log.ReadPortfolio(221, afterVersion: 2))).ShouldBe(["funding-221", "order-2211"]);
        (await Streams(log.Log.ReadPortfolio(221, afterVersion: 4))).ShouldBeEmpty();
        (await Streams(log.Log.ReadPortfolio(999))).ShouldBeEmpty();
    }

    [Fact]
    public async Task versions_are_of_the_streams_that_there_are()
    {
        await log.Append(Deposit(251, 1), Deposit(251, 2), Deposit(252, 1));

        var versions = await log.Log.ReadVersions(["funding-251", "funding-252", "funding-999"]);

        versions.OrderBy(version => version.Key).ShouldBe(
            [KeyValuePair.Create("funding-251", 2L), KeyValuePair.Create("funding-252", 1L)]);
    }

    [Fact]
    public async Task reading_stops_at_an_event_that_this_build_does_not_know()
    {
        await log.Append(Deposit(261, 1));
        // Marten would take the CLR type that stands beside a name that it does not know.
        await log.Insert(
            261, "funding-261", 2, "cash_teleported", "{}", "Bifrost.Domain.Funding.CashDeposited, Bifrost.Domain");
        var read = new List<StoredEvent>();

        var unknown = await Should.ThrowAsync<UnknownEventException>(async () =>
        {
            await foreach (var stored in log.Log.ReadStream("funding-261"))
                read.Add(stored);
        });

        unknown.Message.ShouldContain("cash_teleported");
        read.ShouldHaveSingleItem();
    }

    private static async Task<List<long>> Versions(IAsyncEnumerable<StoredEvent> read) =>
        await read.Select(stored => stored.Version).ToListAsync();

    private static async Task<List<string>> Streams(IAsyncEnumerable<StoredEvent> read) =>
        await read.Select(stored => stored.Stream).ToListAsync();
}

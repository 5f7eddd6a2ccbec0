using Bifrost.Domain;
using Bifrost.Grains;
using Bifrost.Replay.TimeTravel;

namespace Bifrost.Replay.Tests.TimeTravel;

public sealed class WhatIfTests(TwoLedgers ledgers) : IClassFixture<TwoLedgers>
{
    [Fact]
    public async Task other_lots_are_sold_by_another_method()
    {
        var id = await Traded();

        (await Suppose(id, new Supposition { LotMethod = LotMethod.LIFO })).RealizedPnl.ShouldBe(49.30m);
        (await Suppose(id, new Supposition { LotMethod = LotMethod.HIFO })).RealizedPnl.ShouldBe(49.30m);
        (await Suppose(id, new Supposition { LotMethod = LotMethod.AVERAGE })).RealizedPnl.ShouldBe(99.30m);
        (await Suppose(id, new Supposition())).RealizedPnl.ShouldBe(149.30m);
    }

    [Fact]
    public async Task what_an_execution_did_is_left_out_with_it()
    {
        var id = await Traded();
        var sequences = await Sequences(id, "order_executed");

        var without = await Suppose(id, new Supposition { Without = new HashSet<long> { sequences[0] } });

        (without.Cash, without.Holdings["WHAT"].Quantity, without.RealizedPnl).ShouldBe((1049.30m, 0, 49.30m));
        (await Suppose(id, new Supposition { Until = new Moment { Sequence = sequences[1] - 1 } }))
            .Holdings["WHAT"].Quantity.ShouldBe(10);
    }

    [Fact]
    public async Task an_event_that_is_none_of_the_portfolio_is_told()
    {
        var id = await Traded();

        var supposed = await new WhatIf(ledgers.Reads).Read(
            id, Moment.Now, new Supposition { Without = new HashSet<long> { 999_999 } });

        supposed!.Missed.ShouldBe([999_999]);
    }

    [Fact]
    public async Task nothing_is_written()
    {
        var id = await Traded();
        var before = await Sequences(id, "%");

        await Suppose(id, new Supposition { LotMethod = LotMethod.LIFO });

        (await Sequences(id, "%")).ShouldBe(before);
        await ledgers.ShouldEqualItsReplay();
    }

    private async Task<Portfolio> Suppose(int id, Supposition supposition) =>
        (await new WhatIf(ledgers.Reads).Read(id, Moment.Now, supposition))!.Otherwise;

    // 10 at 10, 10 at 20, and 10 of them sold at 25, each with a commission of 0.35.
    private async Task<int> Traded()
    {
        var id = await ledgers.One.OpenPortfolio(cash: 1_000m);
        foreach (var price in new[] { 10m, 20m })
        {
            var buy = await ledgers.One.Do(id, Orders.Buy("WHAT", 10, price));
            await ledgers.One.Do(id, Orders.Execution(buy, $"{id}-{price}", 10, price));
        }
        var sell = await ledgers.One.Do(id, Orders.Sell("WHAT", 10, 25));
        await ledgers.One.Do(id, Orders.Execution(sell, $"{id}-sold", 10, 25));
        return id;
    }

    private async Task<List<long>> Sequences(int id, string type)
    {
        await using var command = ledgers.Reads.CreateCommand(
            $"""
            SELECT e.seq_id FROM ledger.portfolio_event p JOIN events.mt_events e USING (seq_id)
            WHERE p.portfolio_id = {id} AND e.type LIKE '{type}' ORDER BY 1
            """);
        await using var reader = await command.ExecuteReaderAsync();
        var sequences = new List<long>();
        while (await reader.ReadAsync())
            sequences.Add(reader.GetInt64(0));
        return sequences;
    }
}

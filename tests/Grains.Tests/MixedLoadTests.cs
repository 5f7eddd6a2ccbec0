using Bifrost.Domain;
using Bifrost.Domain.Funding;
using Bifrost.Domain.Orders;
using Bifrost.Domain.Portfolios;
using Bifrost.EventStore;

namespace Bifrost.Grains.Tests;

/// <summary>
/// Everything at once: two ledgers, all methods, every kind of command, many callers on few portfolios.
/// </summary>
public sealed class MixedLoadTests(TwoLedgers two) : IClassFixture<TwoLedgers>
{
    private static readonly string[] Symbols = ["ORCL", "NVDA", "KO"];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task after_any_load_the_tables_equal_the_log_and_the_books_balance(int seed)
    {
        var portfolios = new List<int>();
        foreach (var method in Enum.GetValues<LotMethod>())
            portfolios.Add(await two.One.OpenPortfolio(10_000m, method));

        await Task.WhenAll(Enumerable.Range(0, 12).Select(caller => Trade(
            caller % 3 == 0 ? two.Other : two.One,
            portfolios[caller % portfolios.Count],
            new Random(seed * 100 + caller))));

        await two.ShouldEqualItsReplay();
        foreach (var portfolio in portfolios)
            await ShouldBalance(portfolio);
        // A load that is mostly refused would prove little: what is hardest to get right is in it.
        var kinds = await two.Database.Query<string[]>("SELECT array_agg(DISTINCT type) FROM events.mt_events");
        string[] hardest =
            ["order_executed", "lots_matched", "execution_busted", "execution_corrected", "trade_restated"];
        hardest.Except(kinds).ShouldBeEmpty();
    }

    private static async Task Trade(Ledger ledger, int portfolio, Random chance)
    {
        var orders = new List<(int Id, List<string> Executions)>();
        for (var n = 0; n < 60; n++)
        {
            var answer = await ledger.Do(portfolio, Next(orders, chance));
            if (answer is { Rejection: null, Effect: { OrderId: { } id, Status: "PENDING" } }
                && orders.All(o => o.Id != id))
            {
                orders.Add((id, []));
            }
        }
    }

    private static Command Next(List<(int Id, List<string> Executions)> orders, Random chance)
    {
        var (dice, symbol) = (orders.Count == 0 ? 0 : chance.Next(20), Symbols[chance.Next(Symbols.Length)]);
        var (quantity, price) = (chance.Next(1, 2_000) / 100m, chance.Next(1, 5_000_000) / 100_000m);
        var order = orders.Count == 0 ? default : orders[chance.Next(orders.Count)];
        switch (dice)
        {
            case < 4:
                return chance.Next(5) < 3 ? Orders.Buy(symbol, quantity, price) : Orders.Sell(symbol, quantity, price);
            case < 12:
                var id = $"X-{chance.Next()}";
                order.Executions.Add(id);
                return new ExecuteOrder
                {
                    OrderId = order.Id, ExecutionId = id, Quantity = chance.Next(1, 300) / 100m, Price = price,
                    Commission = chance.Next(100) / 100m, Tax = chance.Next(1_000) / 10_000m,
                };
            case 12:
                return new ReplaceOrder { OrderId = order.Id, Quantity = quantity, LimitPrice = price };
            case 13:
                return chance.Next(2) == 0
                    ? new CancelOrder { OrderId = order.Id }
                    : new ExpireOrder { OrderId = order.Id };
            case < 16 when order.Executions.Count > 0:
                var busted = order.Executions[chance.Next(order.Executions.Count)];
                return new BustExecution { OrderId = order.Id, ExecutionId = busted };
            case < 18 when order.Executions.Count > 0:
                var corrected = order.Executions[chance.Next(order.Executions.Count)];
                return new CorrectExecution
                {
                    OrderId = order.Id,
                    ExecutionId = corrected,
                    Price = price,
                    Quantity = 0.5m,
                };
            case 18:
                return new ChangePortfolio { LotMethod = (LotMethod)chance.Next(5), AllowShort = chance.Next(4) == 0 };
            default:
                return new MoveCash { Type = (FundingType)chance.Next(5), Amount = chance.Next(1, 10_000) / 100m };
        }
    }

    private async Task ShouldBalance(int portfolio)
    {
        var (balance, state, usd) = (new Dictionary<(string, string), decimal>(), (Portfolio?)null, Currency.Of("USD"));
        await foreach (var stored in new EventLog(two.Reads).ReadPortfolio(portfolio))
        {
            state = Portfolio.Evolve(state, stored.Recorded);
            foreach (var (account, commodity, amount) in Postings.Of(stored.Data, usd))
                balance[(account, commodity)] = balance.GetValueOrDefault((account, commodity)) + amount;
        }
        balance.GroupBy(account => account.Key.Item2).ShouldAllBe(commodity => commodity.Sum(a => a.Value) == 0);
        balance[(Postings.Cash, "USD")].ShouldBe(state!.Cash);
        state.ReservedCash.ShouldBe(state.Orders.Values.Sum(order => order.ReservedCash));
        foreach (var holding in state.Holdings.Values)
        {
            holding.Lots.Sum(lot => lot.Quantity).ShouldBe(holding.Quantity);
            balance.GetValueOrDefault(($"assets:positions:{holding.Symbol}", "USD")).ShouldBe(holding.CostBasis);
            balance.GetValueOrDefault(($"assets:shares:{holding.Symbol}", holding.Symbol)).ShouldBe(holding.Quantity);
        }
    }
}

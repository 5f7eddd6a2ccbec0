using System.Globalization;
using System.Text.Json.Nodes;

namespace Bifrost.Cli.Demo;

internal sealed record DemoSummary(
    int PortfolioId, string LotMethod, decimal Cash, decimal CostBasis, decimal RealizedPnl, decimal Value);

/// <summary>Trades a plan on the running server, as any client of the API would.</summary>
internal sealed class DemoClient(Uri server) : IDisposable
{
    private readonly ServerClient api = new(server);

    public async Task<DemoSummary> Trade(
        string name, string lotMethod, TradingPlan plan, Action traded, CancellationToken cancel)
    {
        var opened = await Post(
            "/api/portfolios",
            new { userId = 1, name = $"{name} {lotMethod}", lotMethod, occurredAt = plan.First },
            cancel);
        var id = (int)opened["portfolioId"]!;
        await Post(
            $"/api/portfolios/{id}/funding",
            new { type = "DEPOSIT", amount = plan.Deposit, occurredAt = plan.First },
            cancel);
        foreach (var (trade, number) in plan.Trades.Select((trade, i) => (trade, i + 1)))
        {
            var (price, quantity) = (trade.Price.ToString(CultureInfo.InvariantCulture), trade.Quantity);
            var order = await Post(
                $"/api/portfolios/{id}/orders",
                new
                {
                    clientOrderId = $"demo-{number}", symbol = trade.Symbol, side = trade.Side, type = "LIMIT",
                    quantity, limitPrice = price, occurredAt = trade.Day,
                },
                cancel);
            await Post(
                $"/api/orders/{(int)order["orderId"]!}/executions",
                new { executionId = $"X-{number}", quantity, price, commission = "1.00", executedAt = trade.Day },
                cancel);
            traded();
        }
        return await Summary(id, lotMethod, cancel);
    }

    public void Dispose() => api.Dispose();

    private async Task<DemoSummary> Summary(int id, string lotMethod, CancellationToken cancel)
    {
        var portfolio = await api.Get($"/api/portfolios/{id}", cancel);
        var holdings = await api.Get($"/api/portfolios/{id}/holdings", cancel);
        return new DemoSummary(
            id,
            lotMethod,
            Number(portfolio["cashBalance"]),
            holdings["items"]!.AsArray().Sum(holding => Number(holding!["costBasis"])),
            Number(portfolio["realizedPnl"]),
            Number(portfolio["currentValue"]));
    }

    private async Task<JsonNode> Post(string path, object body, CancellationToken cancel) =>
        (await api.Send(HttpMethod.Post, path, body, cancel))!;

    private static decimal Number(JsonNode? text) =>
        decimal.Parse(text!.GetValue<string>(), CultureInfo.InvariantCulture);
}

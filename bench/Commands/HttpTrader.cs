using System.Globalization;
using Bifrost.Domain;

namespace Bifrost.Bench.Commands;

/// <summary>A caller with a connection of its own.</summary>
internal sealed class HttpTrader(HttpConnection connection) : ITrader
{
    public async Task<int> OpenPortfolio(string name)
    {
        var portfolioId = await Post(
            "/api/portfolios", $$"""{"userId":1,"name":"{{name}}"}""", "portfolioId");
        await Post(
            $"/api/portfolios/{portfolioId}/funding",
            $$"""{"type":"DEPOSIT","amount":{{Market.Deposit}}}""",
            "fundingId");
        return portfolioId;
    }

    public Task<int> Place(int portfolioId, string symbol, OrderSide side, decimal price) => Post(
        $"/api/portfolios/{portfolioId}/orders",
        string.Create(
            CultureInfo.InvariantCulture,
            $$"""
            {"symbol":"{{symbol}}","side":"{{side}}","type":"LIMIT",
            "quantity":{{Market.Quantity}},"limitPrice":{{price}}}
            """),
        "orderId");

    public Task Fill(int portfolioId, int orderId, decimal price) => connection.Post(
        $"/api/orders/{orderId}/executions",
        string.Create(
            CultureInfo.InvariantCulture,
            $$"""
            {"executionId":"x{{orderId}}","quantity":{{Market.Quantity}},"price":{{price}},
            "commission":{{Market.Commission}}}
            """),
        null,
        "transactionId");

    public ValueTask DisposeAsync()
    {
        connection.Dispose();
        return ValueTask.CompletedTask;
    }

    private Task<int> Post(string path, string json, string field) =>
        connection.Post(path, json, Guid.CreateVersion7().ToString(), field);
}

using System.Net;

namespace Bifrost.Api.Tests;

public sealed class TimeTests(LedgerFixture server) : LedgerTests(server)
{
    [Theory]
    [InlineData("2024-03-08T14:30:00")]
    [InlineData("2024-03-08")]
    [InlineData("2024-03-08 14:30:00Z")]
    [InlineData("2024-03-08T14:30Z")]
    [InlineData("2024-03-08T14:30:00Z\n")]
    [InlineData(" 2024-03-08T14:30:00Z")]
    [InlineData("2024-02-30T00:00:00Z")]
    [InlineData("2023-02-29T00:00:00Z")]
    [InlineData("2024-13-01T00:00:00Z")]
    [InlineData("2024-00-10T00:00:00Z")]
    [InlineData("2024-03-08T24:00:00Z")]
    [InlineData("2024-03-08T25:00:00Z")]
    [InlineData("2024-03-08T14:30:60Z")]
    [InlineData("2024-03-08T14:60:00Z")]
    [InlineData("2024-03-08T14:30:00+25:00")]
    [InlineData("2024-03-08T14:30:00+15:00")]
    [InlineData("2024-03-08T14:30:00.Z")]
    [InlineData("2024-03-08T14:30:00.1234567890Z")]
    [InlineData("0001-01-01T00:00:00Z")]
    [InlineData("0001-01-01T00:00:00+14:00")]
    [InlineData("0000-01-01T00:00:00Z")]
    [InlineData("-2024-03-08T14:30:00Z")]
    [InlineData("1899-12-31T23:59:59Z")]
    [InlineData("2999-01-01T00:00:00Z")]
    [InlineData("9999-12-31T23:59:59.999999999Z")]
    [InlineData("9999-12-31T23:59:59-14:00")]
    [InlineData("10000-01-01T00:00:00Z")]
    [InlineData("٢٠٢٤-03-08T14:30:00Z")]
    [InlineData("yesterday")]
    [InlineData("1709908200")]
    [InlineData("")]
    public async Task times_that_are_none_or_cannot_be_are_refused_on_every_write(string time)
    {
        var (portfolio, order) = await Server.OpenWithShares("KO", 10m, 1m);
        var open = await Server.Api.OpenPortfolio(100m);
        var working = await Server.Place(open, "BUY", "KO", 10m, 1m);
        var (of, about) = ($"/api/portfolios/{portfolio}", $"/api/orders/{working}");
        await Server.RefusesField("occurredAt", api => api.Post(
            "/api/portfolios", new { userId = 1, name = $"{Guid.NewGuid()}", occurredAt = time }));
        await Server.RefusesField("occurredAt", api => api.Patch(of, new { name = "x", occurredAt = time }));
        await Server.RefusesField("occurredAt", api => api.Post($"{of}/close", new { occurredAt = time }));
        await Server.RefusesField("occurredAt", api => api.Post(
            $"{of}/funding", new { type = "DEPOSIT", amount = 1, occurredAt = time }));
        await Server.RefusesField("occurredAt", api => api.Post(
            $"{of}/orders", new { symbol = "KO", side = "SELL", type = "MARKET", quantity = 1, occurredAt = time }));
        await Server.RefusesField("executedAt", api => api.Post(
            $"{of}/executions",
            new { executionId = "X", symbol = "KO", side = "SELL", quantity = 1, price = 1, executedAt = time }));
        await Server.RefusesField("occurredAt", api => api.Patch(about, new { quantity = 9, occurredAt = time }));
        await Server.RefusesField("occurredAt", api => api.Post($"{about}/expire", new { occurredAt = time }));
        await Server.RefusesField("executedAt", api => api.Post(
            $"{about}/executions", new { executionId = "X", quantity = 1, price = 1, executedAt = time }));
        await Server.RefusesField("executedAt", api => api.Post(
            $"/api/orders/{order}/executions/first/correct", new { price = 2, executedAt = time }));
        await Server.RefusesField("occurredAt", api => api.Post(
            $"/api/orders/{order}/executions/first/bust", new { occurredAt = time }));
    }

    [Theory]
    [InlineData("1709908200")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("true")]
    public async Task a_time_that_is_no_text_is_refused(string token)
    {
        var portfolio = await Server.Api.OpenPortfolio(0m);
        await Server.RefusesField("occurredAt", api => api.SendRaw(
            HttpMethod.Post,
            $"/api/portfolios/{portfolio}/funding",
            $$"""{"type":"DEPOSIT","amount":1,"occurredAt":{{token}}}"""));
    }

    [Theory]
    [InlineData("2024-03-08T14:30:00Z", "2024-03-08T14:30:00Z")]
    [InlineData("2024-03-08T14:30:00+05:30", "2024-03-08T09:00:00Z")]
    [InlineData("2024-02-29T23:00:00-02:00", "2024-03-01T01:00:00Z")]
    [InlineData("2024-03-08T14:30:00.123456789Z", "2024-03-08T14:30:00.123456Z")]
    [InlineData("2024-12-31T23:59:59.999999999Z", "2024-12-31T23:59:59.999999Z")]
    [InlineData("1900-01-01T00:00:00Z", "1900-01-01T00:00:00Z")]
    public async Task a_time_is_kept_to_the_microsecond_and_answered_in_utc(string given, string kept)
    {
        var portfolio = await Server.Api.OpenPortfolio(0m);
        var funding = $"/api/portfolios/{portfolio}/funding";
        var body = new { type = "DEPOSIT", amount = 1, occurredAt = given };
        (await Server.Api.Post(funding, body)).Expect(HttpStatusCode.Created);
        (await Server.Api.Get(funding)).Items.Single()!["fundingDate"]!.GetValue<string>().ShouldBe(kept);
    }
}

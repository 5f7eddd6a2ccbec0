using System.Net;
using System.Text.Json.Nodes;
using Bifrost.Harness;

namespace Bifrost.Api.Tests.Audit;

public sealed class EventHistoryTests(LedgerFixture server) : LedgerTests(server)
{
    [Fact]
    public async Task an_event_is_listed_as_it_is_stored()
    {
        var (portfolio, order) = await Server.OpenWithShares("ORCL", 10m, 11.37m);

        var e = (await List($"portfolioId={portfolio}&type=lot_opened")).ShouldHaveSingleItem()!;

        e["stream"]!.GetValue<string>().ShouldBe($"holding-{portfolio}-ORCL");
        e["version"]!.GetValue<long>().ShouldBe(1);
        e["occurredAt"]!.GetValue<string>().ShouldEndWith("Z");
        e["recordedAt"]!.GetValue<string>().ShouldEndWith("Z");
        e["actor"]!.GetValue<string>().ShouldBe("local-operator");
        e["correlationId"].ShouldBeNull();
        e["data"]!["orderId"]!.GetValue<int>().ShouldBe(order);
        var sequence = e["sequence"]!.GetValue<long>();
        var stored = await Server.Database.Query<string>(
            $"SELECT data::text FROM events.mt_events WHERE seq_id = {sequence}");
        var answer = await Server.Http.GetStringAsync($"/api/audit/events?portfolioId={portfolio}&type=lot_opened");
        answer.ShouldContain($"\"data\":{stored},");
    }

    [Fact]
    public async Task a_commands_whole_effect_is_listed_over_all_streams()
    {
        var (portfolio, _) = await Server.OpenWithShares("ORCL", 10m, 11.37m);
        var lot = (await List($"portfolioId={portfolio}&type=lot_opened")).ShouldHaveSingleItem()!;
        var command = Uri.EscapeDataString(lot["commandId"]!.GetValue<string>());

        var effect = await List($"commandId={command}");

        effect.Select(e => e!["type"]!.GetValue<string>()).ShouldBe(["order_executed", "lot_opened", "trade_opened"]);
        (await List($"commandId={command}&stream=holding-{portfolio}-ORCL")).Count.ShouldBe(1);
        (await List($"commandId={command}&actor=nobody")).ShouldBeEmpty();
        (await List($"commandId={command}x")).ShouldBeEmpty();
    }

    [Fact]
    public async Task all_commands_of_a_trace_are_listed()
    {
        const string Trace = "4bf92f3577b34da6a3ce929d0e0e4736";
        var portfolio = await Server.Api.OpenPortfolio(0m);
        foreach (var amount in new[] { 1, 2 })
        {
            using var body = new StringContent(
                $$"""{"type": "DEPOSIT", "amount": {{amount}}}""", System.Text.Encoding.UTF8, "application/json");
            (await Server.Send(
                HttpMethod.Post, $"/api/portfolios/{portfolio}/funding", body,
                ("traceparent", $"00-{Trace}-00f067aa0ba902b7-01"))).Expect(HttpStatusCode.Created);
        }
        await Server.Api.Post($"/api/portfolios/{portfolio}/funding", new { type = "DEPOSIT", amount = 3 });

        var traced = await List($"correlationId={Trace}");

        traced.Select(e => e!["data"]!["amount"]!.GetValue<int>()).ShouldBe([1, 2]);
        traced.ShouldAllBe(e => e!["correlationId"]!.GetValue<string>() == Trace);
    }

    [Fact]
    public async Task pages_follow_each_other_by_sequence_and_end_with_null()
    {
        var (portfolio, _) = await Server.OpenWithShares("KO", 10m, 60m);
        var whole = Sequences(await List($"portfolioId={portfolio}"));
        whole.ShouldBe(whole.Order());

        var (pages, next) = (new List<long>(), "0");
        while (next is not null)
        {
            var answer = await Server.Api.Get($"/api/audit/events?portfolioId={portfolio}&limit=2&after={next}");
            answer.Items.Count.ShouldBeInRange(1, 2);
            pages.AddRange(Sequences(answer.Items));
            next = answer.Body!["next"]?.GetValue<string>();
        }

        pages.ShouldBe(whole);
    }

    [Fact]
    public async Task a_time_range_has_its_beginning_and_not_its_end()
    {
        var portfolio = await Server.Api.OpenPortfolio(5m);
        var events = await List($"portfolioId={portfolio}");
        var (opened, deposited) = (At(events[0]!), At(events[1]!));

        Sequences(await List($"portfolioId={portfolio}&from={opened}&to={deposited}"))
            .ShouldBe(Sequences(events).Take(1));
        Sequences(await List($"portfolioId={portfolio}&from={deposited}&to=2099-01-01"))
            .ShouldBe(Sequences(events).Skip(1));
        (await List($"portfolioId={portfolio}&to={opened}")).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("portfolioId=0", "portfolioId")]
    [InlineData("stream=", "stream")]
    [InlineData("type=%00", "type")]
    [InlineData("from=yesterday", "from")]
    [InlineData("to=2026-13-01", "to")]
    [InlineData("from=2026-03-02&to=2026-03-02", "to")]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=1001", "limit")]
    [InlineData("after=x", "after")]
    public Task a_filter_that_cannot_be_read_names_the_field(string query, string field) =>
        Server.RefusesField(field, api => api.Get($"/api/audit/events?{query}"));

    private async Task<JsonArray> List(string query) =>
        (await Server.Api.Get($"/api/audit/events?{query}")).Expect(HttpStatusCode.OK).Items;

    private static string At(JsonNode e) => e["recordedAt"]!.GetValue<string>();

    private static List<long> Sequences(JsonArray events) => [.. events.Select(e => e!["sequence"]!.GetValue<long>())];
}

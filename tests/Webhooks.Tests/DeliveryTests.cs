using System.Globalization;
using System.Net;
using System.Text;
using Microsoft.Extensions.DependencyInjection;

namespace Bifrost.Webhooks.Tests;

/// <summary>What receivers are told, and what becomes of it where they do not take it.</summary>
public sealed class DeliveryTests(TellingServer server) : IClassFixture<TellingServer>
{
    [Fact]
    public async Task a_receiver_is_told_of_an_event_by_a_signed_request_as_the_stream_tells_of_it()
    {
        var portfolio = await server.Api.OpenPortfolio(cash: 0);
        await using var receiver = await Receiver.Start();
        var (id, secret) = await server.Create(receiver, portfolioId: portfolio);

        await server.Deposit(portfolio);
        await TellingServer.Until(() => !receiver.Requests.IsEmpty);

        var told = receiver.Requests.Single();
        told.Json.AsObject().Select(field => field.Key).ShouldBe(
        [
            "sequence", "id", "stream", "version", "type", "data", "occurredAt", "recordedAt", "actor", "commandId",
            "portfolioId",
        ]);
        told.Json["type"]!.GetValue<string>().ShouldBe("cash_deposited");
        told.Json["portfolioId"]!.GetValue<int>().ShouldBe(portfolio);
        var timestamp = long.Parse(told.Timestamp, CultureInfo.InvariantCulture);
        told.Signature.ShouldBe(
            WebhookSecret.Sign(secret, told.Id, timestamp, Encoding.UTF8.GetBytes(told.Body)));
        await TellingServer.Until(async () => (await server.Deliveries(id, "delivered")).Count == 1);
        (await server.Deliveries(id, "delivered")).Single().Id.ShouldBe(told.Id);
    }

    [Fact]
    public async Task what_is_not_taken_is_told_again_under_the_same_id_until_it_is()
    {
        var portfolio = await server.Api.OpenPortfolio(cash: 0);
        await using var receiver = await Receiver.Start();
        receiver.Answer = (_, number) => number < 3 ? 500 : 200;
        var (id, _) = await server.Create(receiver, portfolioId: portfolio);

        await server.Deposit(portfolio);
        await TellingServer.Until(async () => (await server.Deliveries(id, "delivered")).Count == 1);

        receiver.Requests.Select(told => told.Id).Distinct().Count().ShouldBe(1);
        (await server.Deliveries(id, "delivered")).Single().Attempts.ShouldBe(3);
    }

    [Fact]
    public async Task what_was_given_up_is_told_once_the_receiver_is_mended_and_somebody_has_it_retried()
    {
        var portfolio = await server.Api.OpenPortfolio(cash: 0);
        await using var receiver = await Receiver.Start();
        receiver.Answer = (_, _) => 500;
        var (id, _) = await server.Create(receiver, portfolioId: portfolio);
        await server.Deposit(portfolio);
        await TellingServer.Until(async () => (await server.Deliveries(id, "dead")).Count == 1);
        var dead = (await server.Deliveries(id, "dead")).Single();
        (dead.Attempts, dead.Error).ShouldBe((3, "500: what the receiver says"));
        (await server.Api.Get($"/api/webhooks/{id}")).Number("dead").ShouldBe(1);

        receiver.Answer = (_, _) => 200;
        (await server.Api.Post($"/api/webhooks/{id}/deliveries/{dead.Id}/retry")).Expect(HttpStatusCode.OK);
        await TellingServer.Until(async () => (await server.Deliveries(id, "delivered")).Count == 1);

        var again = await server.Api.Post($"/api/webhooks/{id}/deliveries/{dead.Id}/retry");
        (again.Status, again.Slug).ShouldBe((HttpStatusCode.Conflict, "delivery-state"));
    }

    [Fact]
    public async Task a_receiver_that_is_gone_is_asked_once_and_what_it_missed_can_be_discarded()
    {
        var portfolio = await server.Api.OpenPortfolio(cash: 0);
        await using var receiver = await Receiver.Start();
        receiver.Answer = (_, _) => 410;
        var (id, _) = await server.Create(receiver, portfolioId: portfolio);
        await server.Deposit(portfolio);
        await TellingServer.Until(async () => (await server.Deliveries(id, "dead")).Count == 1);
        var dead = (await server.Deliveries(id, "dead")).Single();

        (await server.Api.Delete($"/api/webhooks/{id}/deliveries/{dead.Id}")).Expect(HttpStatusCode.NoContent);

        dead.Attempts.ShouldBe(1);
        (await server.Deliveries(id, "dead")).ShouldBeEmpty();
    }

    [Fact]
    public async Task a_redirect_is_not_followed()
    {
        var portfolio = await server.Api.OpenPortfolio(cash: 0);
        await using var other = await Receiver.Start();
        await using var receiver = await Receiver.Start();
        receiver.Answer = (http, _) =>
        {
            http.Response.Headers.Location = other.Url;
            return 307;
        };
        var (id, _) = await server.Create(receiver, portfolioId: portfolio);

        await server.Deposit(portfolio);
        await TellingServer.Until(async () => (await server.Deliveries(id, "dead")).Count == 1);

        other.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task a_receiver_that_asks_for_time_is_left_alone_for_it()
    {
        var portfolio = await server.Api.OpenPortfolio(cash: 0);
        await using var receiver = await Receiver.Start();
        receiver.Answer = (http, _) =>
        {
            http.Response.Headers.RetryAfter = "3600";
            return 429;
        };
        var (id, _) = await server.Create(receiver, portfolioId: portfolio);

        await server.Deposit(portfolio);
        await TellingServer.Until(async () => (await server.Deliveries(id, "pending")).Any(d => d.Attempts == 1));

        var list = await server.Api.Get($"/api/webhooks/{id}/deliveries?state=pending");
        var wait = list.Items.Single()!["nextAt"]!.GetValue<DateTimeOffset>() - DateTimeOffset.UtcNow;
        wait.ShouldBeInRange(TimeSpan.FromMinutes(50), TimeSpan.FromMinutes(61));
    }

    [Fact]
    public async Task each_is_told_of_the_types_and_the_portfolio_that_it_asked_for()
    {
        var (one, other) = (await server.Api.OpenPortfolio(cash: 0), await server.Api.OpenPortfolio(cash: 0));
        await using var renames = await Receiver.Start();
        await using var ofOne = await Receiver.Start();
        await server.Create(renames, ["portfolio_renamed"]);
        await server.Create(ofOne, portfolioId: one);

        await server.Deposit(one);
        await server.Deposit(other);
        (await server.Api.Patch($"/api/portfolios/{other}", new { name = $"{Guid.NewGuid()}" }))
            .Expect(HttpStatusCode.OK);
        var last = await server.LastSequence();
        await TellingServer.Until(() => renames.Sequences.Contains(last) && !ofOne.Requests.IsEmpty);

        renames.Sequences.ShouldBe([last]);
        ofOne.Sequences.ShouldBe([last - 2]);
    }

    [Fact]
    public async Task one_that_is_not_active_is_told_of_nothing_until_it_is_again()
    {
        var portfolio = await server.Api.OpenPortfolio(cash: 0);
        await using var receiver = await Receiver.Start();
        var (id, _) = await server.Create(receiver, portfolioId: portfolio);
        (await server.Api.Patch($"/api/webhooks/{id}", new { active = false })).Expect(HttpStatusCode.OK);
        await server.Deposit(portfolio);

        (await server.Api.Patch($"/api/webhooks/{id}", new { active = true })).Expect(HttpStatusCode.OK);
        await server.Deposit(portfolio);
        var last = await server.LastSequence();
        await TellingServer.Until(() => receiver.Sequences.Contains(last));

        receiver.Sequences.ShouldBe([last]);
    }

    [Fact]
    public async Task what_is_replayed_from_a_sequence_is_told_again_once()
    {
        var portfolio = await server.Api.OpenPortfolio(cash: 0);
        for (var i = 0; i < 5; i++)
            await server.Deposit(portfolio);
        var last = await server.LastSequence();
        await using var receiver = await Receiver.Start();
        var (id, _) = await server.Create(receiver, portfolioId: portfolio);

        var job = await server.Api.Post($"/api/webhooks/{id}/replay", new { from = last - 2 });
        job.Expect(HttpStatusCode.Accepted).Text("kind").ShouldBe("webhook-replay");
        await TellingServer.Until(async () => (await server.Deliveries(id, "delivered")).Count == 3);

        await TellingServer.Until(
            async () => (await server.Api.Get($"/api/jobs/{job["jobId"]}")).Text("state") == "succeeded");
        receiver.Sequences.Order().ShouldBe([last - 2, last - 1, last]);
    }

    // As where a node dies between asking for a part and noting that it has.
    [Fact]
    public async Task a_replay_that_is_begun_again_asks_for_nothing_twice()
    {
        var portfolio = await server.Api.OpenPortfolio(cash: 1m);
        var last = await server.LastSequence();
        await using var receiver = await Receiver.Start();
        var (id, _) = await server.Create(receiver, portfolioId: portfolio);
        var replay = server.Services.GetRequiredService<WebhookReplay>();
        var (webhook, job) = (Guid.Parse(id), Guid.NewGuid());

        (await replay.Tell(webhook, job, last - 2, last, CancellationToken.None)).ShouldBe(2);
        (await replay.Tell(webhook, job, last - 2, last, CancellationToken.None)).ShouldBe(0);
        (await replay.Tell(webhook, Guid.NewGuid(), last - 1, last, CancellationToken.None)).ShouldBe(1);
        await TellingServer.Until(async () => (await server.Deliveries(id, "delivered")).Count == 3);

        receiver.Sequences.Order().ShouldBe([last - 1, last, last]);
    }

    [Fact]
    public async Task what_cannot_be_told_is_refused_with_the_field_named()
    {
        var url = "https://example.com/hook";

        await Refused(new { url = "ftp://example.com/" }, "url");
        await Refused(new { url = "https://user:password@example.com/" }, "url");
        await Refused(new { url, eventTypes = new[] { "order_eaten" } }, "eventTypes");
        await Refused(new { url, portfolioId = 0 }, "portfolioId");
        var unknown = await server.Api.Post("/api/webhooks", new { url, portfolioId = 1_000_000 });
        (unknown.Status, unknown.Slug).ShouldBe((HttpStatusCode.NotFound, "portfolio-not-found"));
    }

    [Fact]
    public async Task a_ping_is_signed_and_told_what_came_of_it()
    {
        await using var receiver = await Receiver.Start();
        var (id, _) = await server.Create(receiver, ["portfolio_closed"]);

        var ping = await server.Api.Post($"/api/webhooks/{id}/ping");

        ping.Expect(HttpStatusCode.OK).Number("statusCode").ShouldBe(204);
        receiver.Requests.Single().Signature.ShouldStartWith("v1,");
    }

    private async Task Refused(object body, string field)
    {
        var answer = await server.Api.Post("/api/webhooks", body);
        answer.Expect(HttpStatusCode.BadRequest)["errors"][field].ShouldNotBeNull();
    }
}

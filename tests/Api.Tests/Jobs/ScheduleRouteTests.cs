using System.Net;
using Bifrost.Harness;

namespace Bifrost.Api.Tests.Jobs;

public sealed class ScheduleRouteTests(LedgerFixture server) : LedgerTests(server)
{
    private const string Daily = """{"kind": "audit", "cron": "30 6 * * MON-FRI", "zone": "Europe/Berlin"}""";

    [Fact]
    public async Task the_schedules_of_the_product_are_there()
    {
        var schedules = (await Server.Api.Get("/api/schedules")).Body!.AsArray();

        schedules.Where(schedule => $"{schedule!["owner"]}" == "bifrost")
            .Select(schedule => $"{schedule!["name"]} {schedule["kind"]} {schedule["cron"]} {schedule["zone"]}")
            .ShouldBe(
            [
                "job-retention job-retention 37 3 * * * Etc/UTC",
                "market-retention market-retention 7 * * * * Etc/UTC",
                "webhook-retention webhook-retention 52 3 * * * Etc/UTC",
            ]);
    }

    [Fact]
    public async Task a_schedule_is_made_changed_listed_and_removed()
    {
        var made = await Put("nightly", Daily);
        var changed = await Put(
            "nightly", """{"kind": "rebuild", "cron": "@hourly", "arguments": {"portfolioId": 1}}""");
        var listed = await Listed("nightly");

        made.Expect(HttpStatusCode.OK).Text("zone").ShouldBe("Europe/Berlin");
        DateTimeOffset.Parse(made.Text("nextAt"), provider: null).ShouldBeGreaterThan(DateTimeOffset.UtcNow);
        changed.Expect(HttpStatusCode.OK).Text("zone").ShouldBe("Etc/UTC");
        listed.ShouldBe("nightly rebuild @hourly Etc/UTC local-operator 1 0");
        (await Server.Api.Delete("/api/schedules/nightly")).Expect(HttpStatusCode.NoContent);
        (await Server.Api.Delete("/api/schedules/nightly")).ShouldBeProblem(404, "schedule-not-found");
        (await Listed("nightly")).ShouldBeNull();
    }

    [Fact]
    public async Task one_that_is_never_due_says_so()
    {
        var never = await Put("never", """{"kind": "audit", "cron": "0 0 30 2 *"}""");

        never.Expect(HttpStatusCode.OK)["nextAt"].ShouldBeNull();
    }

    [Theory]
    [InlineData("""{}""", 400, "invalid-request")]
    [InlineData("""{"kind": "audit"}""", 400, "invalid-request")]
    [InlineData("""{"kind": "audit", "cron": "a\u0000b"}""", 400, "invalid-request")]
    [InlineData("""{"kind": "audit", "cron": "@daily", "arguments": 7}""", 400, "invalid-request")]
    [InlineData("""{"kind": "audit", "cron": "every day"}""", 422, "job-refused")]
    [InlineData("""{"kind": "audit", "cron": "*/10 30 6 * * MON"}""", 422, "job-refused")]
    [InlineData("""{"kind": "audit", "cron": "@daily", "zone": "Europe/Bielefeld"}""", 422, "job-refused")]
    [InlineData("""{"kind": "unheard-of", "cron": "@daily"}""", 422, "job-refused")]
    [InlineData("""{"kind": "audit", "cron": "@daily", "arguments": {"a": "\u0000"}}""", 422, "job-refused")]
    [InlineData("""{"kind": "ingest", "cron": "@daily", "arguments": {"interval": "day"}}""", 422, "job-refused")]
    public async Task one_that_cannot_be_is_refused(string body, int status, string slug)
    {
        (await Put("refused", body)).ShouldBeProblem(status, slug);

        (await Listed("refused")).ShouldBeNull();
    }

    public static TheoryData<string> OddNames() => ["a%2Fb", "a%01b", "a%20b", "%F0%9F%90%91", new string('a', 101)];

    [Theory]
    [MemberData(nameof(OddNames))]
    public async Task a_name_that_could_not_stand_in_an_address_as_it_is_is_refused(string name)
    {
        (await Put(name, Daily)).ShouldBeProblem(400, "invalid-request");
        (await Server.Api.Delete($"/api/schedules/{name}")).ShouldBeProblem(404, "schedule-not-found");
    }

    private Task<ApiAnswer> Put(string name, string body) =>
        Server.Api.SendRaw(HttpMethod.Put, $"/api/schedules/{name}", body);

    private async Task<string?> Listed(string name) =>
        (await Server.Api.Get("/api/schedules")).Body!.AsArray()
            .Where(schedule => $"{schedule!["name"]}" == name)
            .Select(schedule =>
                $"{name} {schedule!["kind"]} {schedule["cron"]} {schedule["zone"]} {schedule["owner"]} "
                + $"{schedule["arguments"]!["portfolioId"]} {schedule["skipped"]}")
            .SingleOrDefault();
}

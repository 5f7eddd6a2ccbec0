using System.Net;
using Bifrost.Audit.Anchors;
using Bifrost.EventStore;
using Bifrost.Harness;
using Bifrost.Workers.Watching;
using Microsoft.AspNetCore.Builder;
using Npgsql;

namespace Bifrost.Api.Tests.Operations;

/// <summary>A server on which something stands still or falls behind says so, and goes on taking requests.</summary>
public sealed class StallTests(RunningServer server) : IClassFixture<RunningServer>, IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string root = Directory.CreateTempSubdirectory("bifrost-stalls-").FullName;
    private WebApplication app = null!;
    private ApiClient api = null!;

    private string Anchors =>
        Directory.GetFileSystemEntries(root, "anchors.jsonl", SearchOption.AllDirectories).Single();

    public async Task InitializeAsync()
    {
        (app, api) = await server.StartAnother(options => options with
        {
            Audit = new AuditOptions(root) { Every = TimeSpan.FromMilliseconds(20) },
            Limits = new WatchLimits
            {
                Commits = TimeSpan.FromMilliseconds(300),
                Holding = TimeSpan.FromMilliseconds(500),
                Followers = TimeSpan.FromMilliseconds(500),
                Webhooks = TimeSpan.FromMilliseconds(500),
                Workers = TimeSpan.FromMilliseconds(500),
            },
        });
    }

    public async Task DisposeAsync()
    {
        api.Dispose();
        await app.StopAsync();
        await app.DisposeAsync();
        Directory.Delete(root, recursive: true);
    }

    [Fact]
    public async Task a_commit_that_waits_is_said_with_who_is_in_the_way_and_goes_through_afterwards()
    {
        var portfolio = await api.OpenPortfolio(1);
        await using var owner = new NpgsqlConnection(server.Database.ConnectionString);
        await owner.OpenAsync();
        await using var held = await owner.BeginTransactionAsync();
        await using (var take = new NpgsqlCommand("SELECT FROM ledger.append_turn FOR UPDATE", owner))
            await take.ExecuteNonQueryAsync();

        var deposit = Deposit(portfolio);

        await Said("commits", "A commit has waited");
        await Said("sessions", $"session {owner.ProcessID} of");
        (await Metrics()).ShouldContain("bifrost_watch_problems{of=\"commits\"}");
        await held.RollbackAsync();
        (await deposit).Expect(HttpStatusCode.Created);
        await Well();
    }

    [SkippableFact]
    public async Task a_session_of_a_module_that_holds_up_a_commit_is_ended_and_that_is_said()
    {
        var settings = ModuleRoles.As(ModuleRoles.Portfolio, server.Database.ConnectionString, "");
        Skip.If(settings.Passfile is null, "Roles that log in as the owner are the owner's sessions.");
        var portfolio = await api.OpenPortfolio(1);
        settings.Pooling = false;
        await using var module = new NpgsqlConnection(settings.ConnectionString);
        await module.OpenAsync();
        await using var held = await module.BeginTransactionAsync();
        await using (var take = new NpgsqlCommand("SELECT FROM portfolio FOR UPDATE", module))
            await take.ExecuteNonQueryAsync();

        (await Deposit(portfolio)).Expect(HttpStatusCode.Created);

        await Said("sessions", $"Ended: session {module.ProcessID} of {ModuleRoles.Portfolio}");
        (await Metrics()).ShouldContain("bifrost_database_sessions_ended");
    }

    [Fact]
    public async Task anchors_that_cannot_be_written_are_said_and_are_made_up_for_afterwards()
    {
        var portfolio = await api.OpenPortfolio(1);
        await Eventually.Is(
            async () => (await api.Get("/api/audit/anchor")).Status == HttpStatusCode.OK, Patience, () => "No anchor.");
        var sequence = 0L;
        await using (await Hold(Anchors))
        {
            sequence = (await Deposit(portfolio)).Expect(HttpStatusCode.Created).Number("sequence");

            var ready = await Said("anchoring", "the folder of the anchors cannot be used");
            ready["anchoring"]["problem"]!.GetValue<string>().ShouldContain("cannot be used");
            (await Metrics()).ShouldContain("bifrost_watch_age_seconds{of=\"anchoring\"}");
        }
        await Well();
        (await api.Get("/health/ready"))["anchoring"]["sequence"]!.GetValue<long>()
            .ShouldBeGreaterThanOrEqualTo(sequence);
    }

    [Fact]
    public async Task a_worker_that_fails_again_and_again_is_said_until_it_does_not()
    {
        await Owner("REVOKE SELECT ON market_bar_pending FROM market_data_service_user");

        await Said("workers", "The rollup fails:");

        await Owner("GRANT SELECT ON market_bar_pending TO market_data_service_user");
        await Well();
    }

    [Fact]
    public async Task a_follower_that_falls_behind_is_said_until_it_has_caught_up()
    {
        var made = (await api.Post("/api/webhooks", new { url = "https://receiver.example/" }))
            .Expect(HttpStatusCode.Created);
        await using var owner = new NpgsqlConnection(server.Database.ConnectionString);
        await owner.OpenAsync();
        await using var held = await owner.BeginTransactionAsync();
        await using (var take = new NpgsqlCommand("LOCK TABLE work.webhook_delivery IN EXCLUSIVE MODE", owner))
            await take.ExecuteNonQueryAsync();

        await api.OpenPortfolio(1);

        await Said("followers", "The follower webhooks is");
        await held.RollbackAsync();
        await Eventually.Is(async () => !Problem(await api.Get("/health/ready"), "followers").Contains("follower"),
            Patience, () => "It stays behind.");
        (await api.Delete($"/api/webhooks/{made["webhook"]["webhookId"]}")).Status.ShouldBe(HttpStatusCode.NoContent);
    }

    [Fact]
    public async Task a_log_that_cannot_be_read_for_event_streams_is_said_until_it_can()
    {
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        using var stream = await http.GetAsync("/api/events", HttpCompletionOption.ResponseHeadersRead);
        await using var owner = new NpgsqlConnection(server.Database.ConnectionString);
        await owner.OpenAsync();
        await using var held = await owner.BeginTransactionAsync();
        await using (var take = new NpgsqlCommand("LOCK TABLE events.mt_events", owner))
            await take.ExecuteNonQueryAsync();

        await Said("streams", "the log cannot be read");

        await held.RollbackAsync();
        await Eventually.Is(
            async () => Problem(await api.Get("/health/ready"), "streams").Length == 0, Patience, () => "It is said.");
    }

    [Fact]
    public async Task a_request_to_a_webhook_that_nobody_makes_is_said_until_there_is_none()
    {
        var made = (await api.Post("/api/webhooks", new { url = "https://receiver.example/" }))
            .Expect(HttpStatusCode.Created);
        var webhook = $"{made["webhook"]["webhookId"]}";
        await Owner(
            $"""
            INSERT INTO work.webhook_delivery (delivery_id, webhook_id, sequence, next_at, created_at)
            VALUES (gen_random_uuid(), '{webhook}', 1, now() - interval '1 hour', now() - interval '1 hour')
            """);

        await Said("webhooks", "1 requests to webhooks are due and not made");

        (await api.Delete($"/api/webhooks/{webhook}")).Status.ShouldBe(HttpStatusCode.NoContent);
        await Eventually.Is(
            async () => Problem(await api.Get("/health/ready"), "webhooks").Length == 0, Patience, () => "It is said.");
    }

    [Theory]
    [InlineData("disk", "MB left where the anchors are kept")]
    [InlineData("verification", "No check of the tables has ended for")]
    public async Task limits_that_nothing_can_keep_are_said(string condition, string problem)
    {
        var (other, its) = await server.StartAnother(options => options with
        {
            Audit = new AuditOptions(root),
            Limits = new WatchLimits { FreeMegabytes = double.MaxValue, Verification = TimeSpan.Zero },
        });
        await using var _ = other;
        using var __ = its;

        ApiAnswer? ready = null;
        await Eventually.Is(
            async () => Problem(ready = await its.Get("/health/ready"), condition).Contains(problem), Patience,
            () => $"It is not said: {ready!.Body}");
        ready!["checks"][condition]!.GetValue<string>().ShouldBe("degraded");
    }

    // Nobody else can open the file meanwhile, as on a disk that has a fault.
    private static async Task<FileStream> Hold(string file)
    {
        FileStream? held = null;
        await Eventually.Is(() => Task.FromResult((held = TryHold(file)) is not null), Patience, () => "It is in use.");
        return held!;
    }

    private static FileStream? TryHold(string file)
    {
        try
        {
            return new FileStream(file, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            // The server is reading it.
            return null;
        }
    }

    private Task<ApiAnswer> Deposit(int portfolio) =>
        api.Post($"/api/portfolios/{portfolio}/funding", new { type = "DEPOSIT", amount = 1 });

    // The node stays in rotation: it is said and answered with 200.
    private async Task<ApiAnswer> Said(string condition, string problem)
    {
        ApiAnswer? ready = null;
        await Eventually.Is(
            async () => Problem(ready = await api.Get("/health/ready"), condition).Contains(problem), Patience,
            () => $"It is not said: {ready!.Body}");
        ready!.Expect(HttpStatusCode.OK).Text("status").ShouldBe("degraded");
        ready["checks"][condition]!.GetValue<string>().ShouldBe("degraded");
        return ready;
    }

    private async Task Well()
    {
        ApiAnswer? ready = null;
        await Eventually.Is(
            async () => (ready = await api.Get("/health/ready")).Text("status") == "ready", Patience,
            () => $"It is not well again: {ready!.Body}");
    }

    private static string Problem(ApiAnswer ready, string condition) =>
        ready.Body?["conditions"]?[condition]?["problem"]?.GetValue<string>() ?? "";

    private async Task<string> Metrics()
    {
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        return await http.GetStringAsync("/metrics");
    }

    private async Task Owner(string sql)
    {
        await using var owner = new NpgsqlConnection(server.Database.ConnectionString);
        await owner.OpenAsync();
        await using var command = new NpgsqlCommand(sql, owner);
        await command.ExecuteNonQueryAsync();
    }
}

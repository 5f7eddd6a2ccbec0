using System.Net;
using Bifrost.Api;
using Microsoft.AspNetCore.Builder;

namespace Bifrost.Webhooks.Tests;

/// <summary>A whole server that may call private addresses, and waits for nothing between its attempts.</summary>
public sealed class TellingServer : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private WebApplication? app;

    public TestDatabase Database { get; } = new();

    public ApiClient Api { get; private set; } = null!;

    public IServiceProvider Services => app!.Services;

    public async Task InitializeAsync()
    {
        await Database.InitializeAsync();
        app = BifrostServer.Create(new ServerOptions(Database.ConnectionString, "http://127.0.0.1:0")
        {
            Webhooks = new WebhookOptions
            {
                AllowsPrivate = true, Waits = [TimeSpan.Zero, TimeSpan.Zero], Timeout = TimeSpan.FromSeconds(5),
            },
        });
        await app.StartAsync();
        Api = new ApiClient(new Uri(app.Urls.Single()));
    }

    public async Task DisposeAsync()
    {
        Api.Dispose();
        await app!.StopAsync();
        await app.DisposeAsync();
        await Database.DisposeAsync();
    }

    /// <returns>The webhook's id and its secret.</returns>
    public async Task<(string Id, string Secret)> Create(
        Receiver receiver, string[]? eventTypes = null, int? portfolioId = null)
    {
        var made = await Api.Post("/api/webhooks", new { url = receiver.Url, eventTypes, portfolioId });
        made.Expect(HttpStatusCode.Created);
        return ($"{made["webhook"]["webhookId"]}", made.Text("secret"));
    }

    public async Task Deposit(int portfolioId)
    {
        var done = await Api.Post($"/api/portfolios/{portfolioId}/funding", new { type = "DEPOSIT", amount = 1m });
        done.Expect(HttpStatusCode.Created);
    }

    public Task<long> LastSequence() => Database.Query<long>("SELECT max(seq_id) FROM events.mt_events");

    /// <summary>The deliveries of a webhook in a state, in the order of their sequences.</summary>
    public async Task<List<(string Id, long Sequence, int Attempts, string Error)>> Deliveries(string id, string state)
    {
        var page = await Api.Get($"/api/webhooks/{id}/deliveries?limit=1000&state={state}");
        return
        [
            .. page.Expect(HttpStatusCode.OK).Items.Select(d => (
                $"{d!["deliveryId"]}", d["sequence"]!.GetValue<long>(), d["attempts"]!.GetValue<int>(),
                $"{d["error"]}")).OrderBy(d => d.Item2),
        ];
    }

    public static Task Until(Func<Task<bool>> isSo) => Eventually.Is(isSo, Patience, () => "It does not come to it.");

    public static Task Until(Func<bool> isSo) => Until(() => Task.FromResult(isSo()));
}

using Bifrost.Api;
using Microsoft.AspNetCore.Builder;
using Xunit;

namespace Bifrost.Harness;

/// <summary>The whole server on a free port, over a database of its own.</summary>
public sealed class RunningServer : IAsyncLifetime
{
    private WebApplication? app;

    public TestDatabase Database { get; } = new();

    public ApiClient Api { get; private set; } = null!;

    public Uri Url => new(app!.Urls.Single());

    public IServiceProvider Services => app!.Services;

    public async Task InitializeAsync()
    {
        await Database.InitializeAsync();
        await Start();
    }

    public async Task DisposeAsync()
    {
        await Stop();
        await Database.DisposeAsync();
    }

    /// <summary>Another server process, as far as the database can tell: it shares nothing but the database.</summary>
    /// <param name="change">What is to be different about it.</param>
    public async Task<(WebApplication App, ApiClient Api)> StartAnother(
        Func<ServerOptions, ServerOptions>? change = null)
    {
        var options = new ServerOptions(Database.ConnectionString, "http://127.0.0.1:0");
        var other = BifrostServer.Create(change?.Invoke(options) ?? options);
        await other.StartAsync();
        return (other, new ApiClient(new Uri(other.Urls.Single())));
    }

    private async Task Start() => (app, Api) = await StartAnother();

    private async Task Stop()
    {
        Api.Dispose();
        await app!.StopAsync();
        await app.DisposeAsync();
    }
}

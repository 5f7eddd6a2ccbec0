using Bifrost.Api.Access;
using Bifrost.Harness;
using Microsoft.AspNetCore.Builder;

namespace Bifrost.Api.Tests.Access;

/// <summary>A server that trusts an issuer of tokens, and that issuer.</summary>
public sealed class IssuedServer : IAsyncLifetime
{
    private WebApplication app = null!;

    public TestDatabase Database { get; } = new();

    public Uri Url => new(app.Urls.Single());

    internal LittleIssuer Issuer { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        await Database.InitializeAsync();
        Issuer = await LittleIssuer.Start();
        app = await Start(Issuer.Trusted);
    }

    public async Task DisposeAsync()
    {
        await app.StopAsync();
        await app.DisposeAsync();
        await Issuer.DisposeAsync();
        await Database.DisposeAsync();
    }

    /// <summary>Another server over the same database.</summary>
    internal async Task<WebApplication> Start(TokenIssuer trusted)
    {
        var server = BifrostServer.Create(Options(trusted));
        await server.StartAsync();
        return server;
    }

    internal ServerOptions Options(TokenIssuer trusted) => new(Database.ConnectionString, "http://127.0.0.1:0")
    {
        Access = new AccessOptions { Issuer = trusted },
    };
}

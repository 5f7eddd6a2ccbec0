namespace Bifrost.Api.Access;

/// <summary>The server would have to let in whoever reaches it, and others than this machine could.</summary>
public sealed class UnprotectedException(string urls) : Exception(
    $"Nobody could be told from anybody on {urls}: authentication is not configured. Make a key first with ./bifrost "
    + "keys create, or set BIFROST_JWT_ISSUER and BIFROST_JWT_AUDIENCE; or listen on 127.0.0.1.");

/// <summary>Decides, before the server listens, whether callers have to say who they are.</summary>
internal sealed class AccessAtStart(ServerOptions options, KeyRing keys) : IHostedLifecycleService
{
    /// <summary>
    /// Callers who show nothing are the local operator. False until the start has seen that nobody else could be told
    /// from them, and that nobody from elsewhere can reach the server.
    /// </summary>
    public bool IsOpen { get; private set; }

    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        var isConfigured = options.Access.Issuer is not null || await keys.HasAny();
        if (!isConfigured && !Loopback.IsAll(options.Urls))
            throw new UnprotectedException(options.Urls);
        IsOpen = !isConfigured;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}

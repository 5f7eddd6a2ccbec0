namespace Bifrost.Api.Access;

/// <summary>The server would have to let in whoever reaches it, and others than this machine could.</summary>
public sealed class UnprotectedException(string urls) : Exception(
    $"Nobody could be told from anybody on {urls}: authentication is not configured. Make a key first with ./bifrost "
    + "keys create, or set BIFROST_JWT_ISSUER and BIFROST_JWT_AUDIENCE; or listen on 127.0.0.1.");

/// <summary>Decides, before the server listens, whether callers have to say who they are.</summary>
internal sealed class AccessAtStart(ServerOptions options, KeyRing keys, ILogger<AccessAtStart> logger)
    : IHostedLifecycleService
{
    /// <summary>
    /// Callers who show nothing are the local operator. False until the start has seen that nobody else could be told
    /// from them, and that nobody from elsewhere can reach the server.
    /// </summary>
    public bool IsOpen { get; private set; }

    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        var valid = await keys.Valid();
        var isConfigured = options.Access.Issuer is not null || valid.Count > 0;
        if (!isConfigured && !Loopback.IsAll(options.Urls))
            throw new UnprotectedException(options.Urls);
        IsOpen = !isConfigured;
        WarnOfRights(valid.FindAll(key => key.Grant.IsUndecided));
    }

    private void WarnOfRights(List<ApiKey> undecided)
    {
        if (undecided.Count > 0)
        {
            logger.LogWarning(
                "{Count} keys of traders and services are older than rights and have ALL of them, without limit: "
                + "whoever has one can report fills that never were and move cash. They are {Names}. Decide with "
                + "./bifrost keys rights, such as ./bifrost keys rights --undecided --set default",
                undecided.Count, string.Join(", ", undecided.Select(key => key.Name)));
        }
        if (options.Access.Issuer is { GrantsAll: true } issuer)
        {
            logger.LogWarning(
                "BIFROST_JWT_RIGHTS=all: tokens of {Issuer} without the claim rights give traders and services ALL "
                + "rights, without limit. Have the issuer name them, and take the setting away",
                issuer.Issuer);
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}

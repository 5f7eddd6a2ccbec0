using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection;

namespace Bifrost.Grains;

/// <summary>
/// A silo that no other process is to find: its membership is in memory, and it listens nowhere, so any number of them
/// run on one machine without a port to agree on.
/// </summary>
internal sealed class LoneSilo : IConnectionListenerFactory
{
    // A part of its name only.
    private const int Port = 11_111;

    public static void Use(ISiloBuilder silo)
    {
        silo.UseLocalhostClustering(Port, gatewayPort: 0, serviceId: "bifrost", clusterId: "alone");
        // Those with a key are Orleans'; the one without is the web server's.
        var listeners = silo.Services.Where(
            service => service.IsKeyedService && service.ServiceType == typeof(IConnectionListenerFactory));
        foreach (var listener in listeners.ToList())
        {
            silo.Services.Remove(listener);
            silo.Services.AddKeyedSingleton<IConnectionListenerFactory>(listener.ServiceKey, new LoneSilo());
        }
    }

    public ValueTask<IConnectionListener> BindAsync(
        EndPoint endpoint, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult<IConnectionListener>(new ClosedDoor(endpoint));

    private sealed class ClosedDoor(EndPoint endpoint) : IConnectionListener
    {
        private readonly TaskCompletionSource<ConnectionContext?> unbound = new();

        public EndPoint EndPoint => endpoint;

        public ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default) =>
            new(unbound.Task.WaitAsync(cancellationToken));

        public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
        {
            unbound.TrySetResult(null);
            return ValueTask.CompletedTask;
        }

        public ValueTask DisposeAsync() => UnbindAsync();
    }
}

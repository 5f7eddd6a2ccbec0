using System.Net;
using System.Net.Sockets;

namespace Bifrost.Harness;

/// <summary>Ports of this machine for those that cannot be left to find one themselves.</summary>
public static class FreePort
{
    /// <summary>One that nobody listens to; whoever is told of it has to be quick.</summary>
    public static int Find()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

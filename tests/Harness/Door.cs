using System.Net;
using System.Net.Sockets;

namespace Bifrost.Harness;

/// <summary>Stands before a server; shut, the server is away.</summary>
public sealed class Door : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stop = new();
    private readonly List<TcpClient> inside = [];
    private readonly string host;
    private readonly int port;
    private readonly Task serving;
    private bool isOpen;

    /// <param name="server">host:port.</param>
    public Door(string server, bool isOpen = true)
    {
        (host, port) = (server.Split(':')[0], int.Parse(server.Split(':')[1], provider: null));
        this.isOpen = isOpen;
        listener.Start();
        serving = Serve();
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    /// <summary>host:port of the door.</summary>
    public string Server => $"127.0.0.1:{Port}";

    public void Open()
    {
        lock (inside)
            isOpen = true;
    }

    public void Shut()
    {
        lock (inside)
        {
            isOpen = false;
            inside.ForEach(client => client.Close());
            inside.Clear();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await serving;
        listener.Stop();
        Shut();
        stop.Dispose();
    }

    private async Task Serve()
    {
        try
        {
            while (true)
            {
                var client = await listener.AcceptTcpClientAsync(stop.Token);
                if (!LetIn(client))
                    client.Close();
            }
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
    }

    private bool LetIn(TcpClient client)
    {
        lock (inside)
        {
            if (!isOpen)
                return false;
            var server = new TcpClient(host, port);
            inside.AddRange([client, server]);
            _ = Pass(client, server);
            _ = Pass(server, client);
            return true;
        }
    }

    private static async Task Pass(TcpClient from, TcpClient to)
    {
        try
        {
            await from.GetStream().CopyToAsync(to.GetStream());
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // The door was shut.
        }
        to.Close();
    }
}

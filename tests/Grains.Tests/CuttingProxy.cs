using System.Net;
using System.Net.Sockets;
using System.Text;
using Npgsql;

namespace Bifrost.Grains.Tests;

/// <summary>Stands between the ledger and PostgreSQL, and loses what a network can lose.</summary>
internal sealed class CuttingProxy : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stop = new();
    private readonly string target;
    private readonly List<TcpClient> open = [];
    private volatile bool isCutting;
    private volatile bool refuses;
    private int cuts;

    public CuttingProxy(string connectionString)
    {
        target = connectionString;
        listener.Start();
        _ = Accept(stop.Token);
    }

    public string ConnectionString => new NpgsqlConnectionStringBuilder(target)
    {
        Host = "127.0.0.1",
        Port = ((IPEndPoint)listener.LocalEndpoint).Port,
        SslMode = SslMode.Disable,
        ApplicationName = $"{Guid.NewGuid()}",
    }.ConnectionString;

    public int Cuts => cuts;

    /// <summary>The next commit arrives at the database; its answer is lost.</summary>
    public void LoseNextReply() => isCutting = true;

    public void Refuse()
    {
        refuses = true;
        lock (open)
            open.ForEach(client => client.Close());
    }

    public void Accept() => refuses = false;

    private async Task Accept(CancellationToken cancel)
    {
        while (!cancel.IsCancellationRequested)
        {
            var client = await listener.AcceptTcpClientAsync(cancel);
            if (refuses)
                client.Close();
            else
                _ = Serve(client);
        }
    }

    private async Task Serve(TcpClient client)
    {
        var settings = new NpgsqlConnectionStringBuilder(target);
        using var server = new TcpClient(settings.Host!, settings.Port);
        lock (open)
            open.Add(client);
        var isLost = false;
        try
        {
            // The request goes through; of its answer the first byte already ends the connection.
            await Task.WhenAny(
                Pump(client, server, request =>
                {
                    isLost |= IsToBeLost(request);
                    return true;
                }),
                Pump(server, client, _ => !isLost));
        }
        finally
        {
            client.Close();
        }
    }

    private static async Task Pump(TcpClient from, TcpClient to, Func<ReadOnlyMemory<byte>, bool> passes)
    {
        var buffer = new byte[1 << 20];
        try
        {
            while (await from.GetStream().ReadAsync(buffer) is var read and > 0 && passes(buffer.AsMemory(0, read)))
                await to.GetStream().WriteAsync(buffer.AsMemory(0, read));
        }
        catch (Exception e) when (
            e is IOException or SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // One end has closed, which is what this proxy is for.
        }
    }

    // A commit carries the id of its command; reads of this test do not.
    private bool IsToBeLost(ReadOnlyMemory<byte> request)
    {
        if (!isCutting || !Encoding.Latin1.GetString(request.Span).Contains("command:", StringComparison.Ordinal))
            return false;
        isCutting = false;
        Interlocked.Increment(ref cuts);
        return true;
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        listener.Stop();
        lock (open)
            open.ForEach(client => client.Close());
        stop.Dispose();
    }
}

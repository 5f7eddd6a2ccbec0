using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Bifrost.Bench;

/// <summary>The server as it is run, in a process of its own, on a free port.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process process;
    private readonly string home;
    private readonly StringBuilder output = new();

    private ServerProcess(Process process, string home, Uri url)
    {
        (this.process, this.home, Url) = (process, home, url);
        process.OutputDataReceived += (_, line) => Note(line.Data);
        process.ErrorDataReceived += (_, line) => Note(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public Uri Url { get; }

    /// <summary>
    /// Where the build puts the server; the benchmarks lie beside it. As operators run it, compiled beforehand, unless
    /// only dotnet itself has built it.
    /// </summary>
    private static string Program => Place("ahead") is var program && File.Exists(program) ? program : Place("net10.0");

    private static string Place(string folder) =>
        Path.GetFullPath($"../../../../src/Cli/bin/Release/{folder}/bifrost.dll", AppContext.BaseDirectory);

    public static async Task<ServerProcess> Start(string database, CancellationToken cancel)
    {
        if (!File.Exists(Program))
            throw new FileNotFoundException($"The server is not built: {Program} is missing.");
        var port = FreePort();
        // Not in ours: anchors of a database that is soon dropped would stay there for ever.
        var home = Directory.CreateTempSubdirectory("bifrost-bench-").FullName;
        var start = new ProcessStartInfo("dotnet", [Program, "serve"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment =
            {
                ["BIFROST_DATABASE"] = database, ["BIFROST_PORT"] = $"{port}", ["BIFROST_HOME"] = home,
            },
        };
        var server = new ServerProcess(Process.Start(start)!, home, new Uri($"http://127.0.0.1:{port}"));
        try
        {
            await server.BecomeReady(cancel);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        // A ledger may be killed at any time, so a benchmark need not be gentler.
        process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
        process.Dispose();
        Directory.Delete(home, recursive: true);
    }

    private async Task BecomeReady(CancellationToken cancel)
    {
        using var client = new HttpClient { BaseAddress = Url };
        var since = Stopwatch.GetTimestamp();
        while (!process.HasExited && Stopwatch.GetElapsedTime(since) < Patience)
        {
            try
            {
                using var answer = await client.GetAsync("/health/ready", cancel);
                if (answer.IsSuccessStatusCode)
                    return;
            }
            catch (HttpRequestException)
            {
                // It does not listen yet.
            }
            await Task.Delay(100, cancel);
        }
        lock (output)
            throw new InvalidOperationException($"The server did not become ready. It said:\n{output}");
    }

    private void Note(string? line)
    {
        lock (output)
        {
            // Enough to tell why it did not start; what it logs under load is not kept.
            if (output.Length < 16 * 1024)
                output.AppendLine(line);
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

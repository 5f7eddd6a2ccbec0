using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Bifrost.Cluster.Tests;

/// <summary>A node of a cluster as it is run: a process of its own on a free port.</summary>
internal sealed class NodeProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process process;
    private readonly StringBuilder said = new();
    private readonly HttpClient http = new() { Timeout = TimeSpan.FromSeconds(5) };

    private NodeProcess(Process process, int port)
    {
        (this.process, Url) = (process, new Uri($"http://127.0.0.1:{port}"));
        process.OutputDataReceived += (_, line) => Note(line.Data);
        process.ErrorDataReceived += (_, line) => Note(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public Uri Url { get; }

    public string Said
    {
        get
        {
            lock (said)
                return said.ToString();
        }
    }

    public static string Program =>
        Path.Combine(EntryScript.Root, "src", "Cli", "bin", "Release", "net10.0", "bifrost.dll");

    /// <param name="home">Where the nodes of one machine keep what is not in the database.</param>
    public static NodeProcess Start(string database, string cluster, string home)
    {
        var port = FreePort();
        var start = new ProcessStartInfo("dotnet", [Program, "serve", "--cluster", cluster, "--port", $"{port}"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment =
            {
                ["BIFROST_DATABASE"] = database, ["BIFROST_HOME"] = home, ["BIFROST_RATE_LIMIT"] = "0",
            },
        };
        return new NodeProcess(Process.Start(start)!, port);
    }

    public Task BecomeReady() => Eventually.Is(
        () => process.HasExited ? throw new InvalidOperationException($"The node ended:\n{Said}") : IsReady(),
        Patience,
        () => $"The node is not ready:\n{Said}");

    public void Kill() => process.Kill();

    public Task Pause() => Signal("STOP");

    public Task Resume() => Signal("CONT");

    /// <summary>Asks the node to leave, and waits until it has.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> Leave()
    {
        await Signal("TERM");
        await process.WaitForExitAsync();
        return process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
            process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
        http.Dispose();
    }

    private async Task<bool> IsReady()
    {
        try
        {
            using var answer = await http.GetAsync(new Uri(Url, "/health/ready"));
            return answer.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            return false;
        }
    }

    private async Task Signal(string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", $"{process.Id}"]);
        await kill.WaitForExitAsync();
    }

    private void Note(string? line)
    {
        lock (said)
            said.AppendLine(line);
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}

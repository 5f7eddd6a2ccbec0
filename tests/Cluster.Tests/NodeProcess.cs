using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;

namespace Bifrost.Cluster.Tests;

/// <summary>A node of a cluster as it is run: a process of its own on a port of its own.</summary>
internal sealed partial class NodeProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process process;
    private readonly StringBuilder said = new();
    private readonly HttpClient http = new() { Timeout = TimeSpan.FromSeconds(5) };

    private NodeProcess(Process process)
    {
        this.process = process;
        process.OutputDataReceived += (_, line) => Note(line.Data);
        process.ErrorDataReceived += (_, line) => Note(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>Where it serves, as it says; another place when it has joined again.</summary>
    public Uri Url => Place ?? throw new InvalidOperationException($"The node does not serve:\n{Said}");

    /// <summary>As it is named by the jobs that it does.</summary>
    public string Name => $"{Environment.MachineName}/{process.Id}";

    public string Said
    {
        get
        {
            lock (said)
                return said.ToString();
        }
    }

    /// <param name="home">Where the nodes of one machine keep what is not in the database.</param>
    /// <param name="certificate">What it shows the others, where they talk over TLS.</param>
    public static NodeProcess Start(string database, string cluster, string home, TestCertificate? certificate = null)
    {
        // Any free one: a port that was free a moment ago may be somebody's by now.
        var start = OperatorTool.Of(database, "serve", "--cluster", cluster, "--port", "0");
        start.Environment["BIFROST_HOME"] = home;
        start.Environment["BIFROST_RATE_LIMIT"] = "0";
        // What is told of events is on this machine.
        start.Environment["BIFROST_WEBHOOKS_PRIVATE"] = "allow";
        if (certificate is not null)
        {
            start.Environment["BIFROST_CLUSTER_CERTIFICATE"] = certificate.File;
            start.Environment["BIFROST_CLUSTER_CERTIFICATE_PASSWORD"] = TestCertificate.Password;
        }
        return new NodeProcess(Process.Start(start)!);
    }

    /// <summary>Runs a command of the operator's tool, which has to end well.</summary>
    /// <returns>What it said.</returns>
    public static async Task<string> Operator(string database, string home, params string[] arguments)
    {
        var (exit, output, error) = await OperatorTool.Run(database, home, arguments);
        exit.ShouldBe(0, output + error);
        return output.TrimEnd();
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
        return await End();
    }

    /// <summary>Waits until the node has ended.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> End()
    {
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

    private Uri? Place => Serves().Matches(Said) is [.., var last] ? new Uri(last.Groups[1].Value) : null;

    private async Task<bool> IsReady()
    {
        if (Place is not { } place)
            return false;
        try
        {
            using var answer = await http.GetAsync(new Uri(place, "/health/ready"));
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

    [GeneratedRegex(@"serves on (http://\S+)")]
    private static partial Regex Serves();
}

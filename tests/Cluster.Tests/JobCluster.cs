using System.Diagnostics;
using Npgsql;
using Xunit.Abstractions;

namespace Bifrost.Cluster.Tests;

/// <summary>Nodes in processes of their own over one database, that do jobs and are killed in the middle.</summary>
internal sealed class JobCluster(ITestOutputHelper output) : IAsyncDisposable
{
    private static readonly HttpClient Http = new();

    private readonly Dictionary<string, NodeProcess> nodes = [];
    private readonly string home = Directory.CreateTempSubdirectory("bifrost-jobs-").FullName;
    private readonly string cluster = $"jobs-{Guid.NewGuid():N}";

    public TestDatabase Database { get; } = new();

    /// <summary>As the owner of the tables.</summary>
    public NpgsqlDataSource Owner { get; private set; } = null!;

    /// <summary>One of those that live.</summary>
    public NodeProcess Any => nodes.Values.First();

    public async Task Open()
    {
        await Database.InitializeAsync();
        Owner = NpgsqlDataSource.Create(Database.ConnectionString);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in nodes.Values)
            await node.DisposeAsync();
        await Owner.DisposeAsync();
        await Database.DisposeAsync();
        Directory.Delete(home, recursive: true);
    }

    public async Task<NodeProcess> Start()
    {
        var node = NodeProcess.Start(Database.ConnectionString, cluster, home);
        lock (nodes)
            nodes.Add(node.Name, node);
        await node.BecomeReady();
        return node;
    }

    public async Task KillAll()
    {
        foreach (var name in nodes.Keys.ToArray())
            await Kill(name);
    }

    public async Task Retry(params HeldJob[] jobs)
    {
        foreach (var job in jobs)
        {
            using var answer = await Http.PostAsync(new Uri(Any.Url, $"/api/jobs/{job.JobId}/retry"), content: null);
            answer.EnsureSuccessStatusCode();
        }
    }

    /// <summary>
    /// Kills whoever has one of these in hand, lets go only then what they were held by, and waits until another has
    /// done them.
    /// </summary>
    public async Task KillInTheMiddle(params HeldJob[] jobs)
    {
        var doing = await Task.WhenAll(jobs.Select(job => job.Held()));
        foreach (var name in doing.Distinct())
            await Kill(name);
        var killed = Stopwatch.GetTimestamp();
        foreach (var job in jobs)
            await job.LetGo();
        var begun = await Task.WhenAll(jobs.Select(job => job.Succeeds()));
        foreach (var (job, again) in jobs.Zip(begun))
        {
            nodes.Keys.ShouldContain(await job.Told("node"));
            var seconds = Stopwatch.GetElapsedTime(killed, again).TotalSeconds;
            output.WriteLine($"{await job.Told("kind")}: begun again {seconds:0.0} s after the kill");
        }
    }

    public async Task Run(string sql)
    {
        await using var command = Owner.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    public Task<string> Operator(params string[] arguments) =>
        NodeProcess.Operator(Database.ConnectionString, home, arguments);

    private async Task Kill(string name)
    {
        nodes.Remove(name, out var node).ShouldBeTrue(name);
        node!.Kill();
        await node.DisposeAsync();
    }
}

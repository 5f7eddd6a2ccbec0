using System.Diagnostics;
using Bifrost.Audit.Anchors;
using Xunit.Abstractions;

namespace Bifrost.Cluster.Tests;

/// <summary>
/// Nodes in processes of their own over one database, under load all the while: one is killed, one stands still for so
/// long that it is given up and comes back, one is asked to leave, one joins, all are killed. What was acknowledged,
/// which is written down outside of the ledger, is what the ledger has in the end.
/// </summary>
public sealed class SurvivalTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const int Portfolios = 60;
    private const int Callers = 24;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly List<NodeProcess> nodes = [];
    private readonly string home = Directory.CreateTempSubdirectory("bifrost-cluster-").FullName;
    private readonly string cluster = $"survival-{Guid.NewGuid():N}";

    private readonly TestDatabase database = new();

    public Task InitializeAsync() => database.InitializeAsync();

    public async Task DisposeAsync()
    {
        foreach (var node in nodes)
            await node.DisposeAsync();
        await database.DisposeAsync();
        Directory.Delete(home, recursive: true);
    }

    [Fact]
    public async Task a_kill_a_pause_a_drain_a_join_and_a_kill_of_all_lose_and_double_nothing()
    {
        var one = Start();
        // Of the nodes in one home, the first signs the anchors.
        await one.BecomeReady();
        var (two, three) = (Start(), Start());
        await two.BecomeReady();
        await three.BecomeReady();
        using var depositors = new Depositors(one.Url, two.Url, three.Url);
        var portfolios = await depositors.Open(Portfolios);
        depositors.Start(portfolios, Callers);
        await More(depositors);

        two.Kill();
        depositors.Ask(one.Url, three.Url);
        await AllAnswer(depositors, portfolios, "one of three was killed");

        await three.Pause();
        depositors.Ask(one.Url);
        await AllAnswer(depositors, portfolios, "one of two stood still");
        await StandStill();
        await three.Resume();
        await Joined(three);
        depositors.Ask(one.Url, three.Url);
        await More(depositors);
        await ShouldTellEachMeterOnce(three);

        depositors.Ask(three.Url);
        (await one.Leave()).ShouldBe(0, one.Said);
        var signed = Anchors();
        await AllAnswer(depositors, portfolios, "one of two left");
        await MoreAnchors(signed);

        var four = Start();
        await four.BecomeReady();
        depositors.Ask(four.Url);
        await AllAnswer(depositors, portfolios, "one joined, and all is asked of it");
        depositors.Ask(three.Url, four.Url);
        await More(depositors);

        await StartAfterAllWereKilled(depositors, three, four);
        await More(depositors);
        await depositors.Stop();

        output.WriteLine($"{depositors.Total} deposits acknowledged, {depositors.Repeats} asked for again");
        await ShouldHaveWhatWasAcknowledged(depositors);
        (await Operator("replay", "verify")).ShouldEndWith(" 0 differences");
        await Operator("audit", "verify");
    }

    // What the dead promised to be is still written in the cluster's table.
    private async Task StartAfterAllWereKilled(Depositors depositors, params NodeProcess[] killed)
    {
        foreach (var node in killed)
            node.Kill();
        var since = Stopwatch.GetTimestamp();
        var next = Start();
        await next.BecomeReady();
        depositors.Ask(next.Url);
        var seconds = Stopwatch.GetElapsedTime(since).TotalSeconds;
        output.WriteLine($"all were killed: the next is ready after {seconds:0.0} s");
    }

    private int Anchors() => Directory
        .EnumerateFiles(home, AnchorFile.Name, SearchOption.AllDirectories)
        .Sum(file => AnchorFile.Read(file, mayGrow: true).Count);

    // The one that signed has gone; another of its home goes on.
    private Task MoreAnchors(int signed) => Eventually.Is(
        () => Task.FromResult(Anchors() > signed), Patience, () => "Nobody signs anchors any more.");

    private NodeProcess Start()
    {
        var node = NodeProcess.Start(database.ConnectionString, cluster, home);
        nodes.Add(node);
        return node;
    }

    private static Task More(Depositors depositors)
    {
        var before = depositors.Total;
        return Eventually.Is(
            () => Task.FromResult(depositors.Total >= before + 500), Patience, () => "Deposits are not acknowledged.");
    }

    // How long the node stands still is what is tried, not a time to wait for something.
    private static async Task StandStill()
    {
        using var pause = new PeriodicTimer(Pause);
        await pause.WaitForNextTickAsync();
    }

    private async Task AllAnswer(Depositors depositors, int[] portfolios, string after)
    {
        var since = Stopwatch.GetTimestamp();
        await Task.WhenAll(portfolios.Select((portfolio, i) => depositors.Deposit(portfolio, i))).WaitAsync(Patience);
        var seconds = Stopwatch.GetElapsedTime(since).TotalSeconds;
        output.WriteLine($"{after}: all portfolios answered after {seconds:0.0} s");
    }

    // It learns that it was given up, ends, and begins anew by itself.
    private static async Task Joined(NodeProcess node)
    {
        await Eventually.Is(
            () => Task.FromResult(node.Said.Contains("it joins again", StringComparison.Ordinal)),
            Patience,
            () => node.Said);
        await node.BecomeReady();
    }

    // Its meters went with the server that was given up, and those of the one after it have the same names. Other tests
    // cannot tell: there are many servers in their process, which end when they like.
    private static async Task ShouldTellEachMeterOnce(NodeProcess node)
    {
        using var http = new HttpClient { BaseAddress = node.Url };
        var series = (await http.GetStringAsync("/metrics"))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(line => line[0] != '#').Select(line => line[..line.LastIndexOf(' ')]).ToList();
        const string ofRequests = "http_server_request_duration_seconds_count{";
        series.ShouldContain(line => line.StartsWith(ofRequests, StringComparison.Ordinal));
        series.ShouldBeUnique();
    }

    private async Task ShouldHaveWhatWasAcknowledged(Depositors depositors)
    {
        var deposits = await database.Query<string>(
            """
            SELECT string_agg(portfolio_id || ' ' || n, ',' ORDER BY portfolio_id)
            FROM (SELECT portfolio_id, count(*) AS n FROM funding GROUP BY portfolio_id) AS counted
            """);
        var acknowledged = depositors.Acknowledged.OrderBy(p => p.Key).Select(p => $"{p.Key} {p.Value}");
        deposits.ShouldBe(string.Join(',', acknowledged));
    }

    private Task<string> Operator(params string[] arguments) =>
        NodeProcess.Operator(database.ConnectionString, home, arguments);
}

using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Npgsql;
using Xunit.Abstractions;

namespace Bifrost.Cluster.Tests;

/// <summary>
/// What follows a commit while nodes are killed under load: the follower of the log, which makes a delivery of each
/// event, and those who make the requests.
/// </summary>
public sealed class TellingSurvivalTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const int Callers = 8;
    private const int Portfolios = 8;

    private const string Unsettled =
        """
        SELECT (SELECT count(*) FROM events.mt_events e
                WHERE type = 'cash_deposited' AND NOT EXISTS (
                    SELECT FROM work.webhook_delivery d WHERE d.sequence = e.seq_id AND d.state = 'delivered'))
             + (SELECT count(*) FROM work.webhook_delivery WHERE state <> 'delivered')
        """;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private static readonly HttpClient Http = new();

    private readonly string home = Directory.CreateTempSubdirectory("bifrost-telling-").FullName;
    private readonly string cluster = $"telling-{Guid.NewGuid():N}";
    private readonly List<NodeProcess> nodes = [];
    private readonly TestDatabase database = new();
    private readonly ToldReceiver receiver = ToldReceiver.Start();

    public Task InitializeAsync() => database.InitializeAsync();

    public async Task DisposeAsync()
    {
        await receiver.DisposeAsync();
        foreach (var node in nodes)
            await node.DisposeAsync();
        await database.DisposeAsync();
        Directory.Delete(home, recursive: true);
    }

    [Fact]
    public async Task every_event_is_told_whichever_node_is_killed_and_each_has_one_delivery()
    {
        nodes.AddRange(await Task.WhenAll(Start(), Start(), Start()));
        using var depositors = new Depositors([.. nodes.Select(node => node.Url)]);
        var portfolios = await depositors.Open(Portfolios);
        using (var made = await Http.PostAsJsonAsync(
            new Uri(nodes[0].Url, "/api/webhooks"),
            new { url = receiver.Address, eventTypes = new[] { "cash_deposited" } }))
        {
            made.StatusCode.ShouldBe(HttpStatusCode.Created, await made.Content.ReadAsStringAsync());
        }
        depositors.Start(portfolios, Callers);
        await IsTold();

        // Whichever of the three has the follower: it is killed now or the next time.
        await Kill(depositors, nodes[0], nodes[1]);
        nodes.AddRange(await Task.WhenAll(Start(), Start()));
        depositors.Ask([.. nodes.Select(node => node.Url)]);
        await IsTold();
        await Kill(depositors, nodes[0]);
        await depositors.Stop();

        await Eventually.Is(
            async () => await database.Query<long>(Unsettled) == 0, Patience, () => "Not all is told and settled.");
        var sequences = await Sequences();
        receiver.Sequences.Distinct().Order().ShouldBe(sequences);
        sequences.Count.ShouldBeGreaterThanOrEqualTo((int)depositors.Total);
        (await database.Query<long>("SELECT count(*) FROM work.webhook_delivery")).ShouldBe(sequences.Count);
        (await database.Query<long>("SELECT count(*) FROM work.wolverine_dead_letters")).ShouldBe(0);
        output.WriteLine($"{sequences.Count} events, {receiver.Sequences.Count - sequences.Count} told more than once");
    }

    private async Task Kill(Depositors depositors, params NodeProcess[] killed)
    {
        foreach (var node in killed)
        {
            nodes.Remove(node);
            node.Kill();
            await node.DisposeAsync();
        }
        depositors.Ask([.. nodes.Select(node => node.Url)]);
    }

    // Of what is committed from now on.
    private async Task IsTold()
    {
        var latest = await database.Query<long>("SELECT max(seq_id) FROM events.mt_events");
        await Eventually.Is(
            () => Task.FromResult(receiver.Sequences.Any(sequence => sequence > latest)),
            Patience,
            () => "Nothing is told.");
    }

    private async Task<List<long>> Sequences()
    {
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        await using var command = source.CreateCommand(
            "SELECT seq_id FROM events.mt_events WHERE type = 'cash_deposited' ORDER BY 1");
        await using var reader = await command.ExecuteReaderAsync();
        var sequences = new List<long>();
        while (await reader.ReadAsync())
            sequences.Add(reader.GetInt64(0));
        return sequences;
    }

    private async Task<NodeProcess> Start()
    {
        var node = NodeProcess.Start(database.ConnectionString, cluster, home);
        await node.BecomeReady();
        return node;
    }
}

/// <summary>A program on this machine that is told of events, and takes all of them.</summary>
internal sealed class ToldReceiver : IAsyncDisposable
{
    private readonly ConcurrentQueue<long> sequences = [];
    private readonly LocalListener listener;

    private ToldReceiver() => listener = LocalListener.Start(Take);

    public string Address => listener.Url;

    public static ToldReceiver Start() => new();

    /// <summary>Of the events that it was told of, in the order in which it was.</summary>
    public IReadOnlyCollection<long> Sequences => sequences;

    public ValueTask DisposeAsync() => listener.DisposeAsync();

    private async Task Take(HttpListenerContext context)
    {
        try
        {
            using var reader = new StreamReader(context.Request.InputStream);
            sequences.Enqueue((long)JsonNode.Parse(await reader.ReadToEndAsync())!["sequence"]!);
            context.Response.StatusCode = 204;
            context.Response.Close();
        }
        catch (Exception e) when (e is HttpListenerException or IOException or System.Text.Json.JsonException)
        {
            // Who tells was killed in the middle of it.
            context.Response.Abort();
        }
    }
}

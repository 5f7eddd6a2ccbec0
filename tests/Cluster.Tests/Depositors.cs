using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Bifrost.Cluster.Tests;

/// <summary>
/// Callers that put one dollar after another into portfolios, through whichever node answers, and write down beside the
/// ledger what was acknowledged. What is not acknowledged is asked for again with the same key until it is.
/// </summary>
internal sealed class Depositors : IDisposable
{
    private static readonly TimeSpan OneTry = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<int, long> acknowledged = new();
    private readonly HttpClient http = new(new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(1) })
    {
        Timeout = OneTry,
    };

    private readonly CancellationTokenSource ending = new();
    private volatile Uri[] nodes;
    private Task load = Task.CompletedTask;
    private long repeats;

    public Depositors(params Uri[] nodes) => this.nodes = nodes;

    /// <summary>Dollars that a portfolio was told it has.</summary>
    public IReadOnlyDictionary<int, long> Acknowledged => acknowledged;

    /// <summary>How often a deposit was asked for again.</summary>
    public long Repeats => Interlocked.Read(ref repeats);

    public long Total => acknowledged.Values.Sum();

    /// <summary>The nodes to ask from here on.</summary>
    public void Ask(params Uri[] others) => nodes = others;

    public async Task<int[]> Open(int portfolios)
    {
        var opened = new int[portfolios];
        for (var i = 0; i < portfolios; i++)
        {
            using var answer = await http.PostAsJsonAsync(
                new Uri(nodes[i % nodes.Length], "/api/portfolios"), new { userId = 1, name = $"{Guid.NewGuid()}" });
            answer.EnsureSuccessStatusCode();
            opened[i] = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("portfolioId").GetInt32();
        }
        return opened;
    }

    /// <summary>Begins; each caller takes any portfolio.</summary>
    public void Start(int[] portfolios, int callers) => load = Task.WhenAll(
        Enumerable.Range(0, callers).Select(caller => Task.Run(async () =>
        {
            var random = new Random(caller);
            while (!ending.IsCancellationRequested)
                await Deposit(portfolios[random.Next(portfolios.Length)], random.Next(1_000));
        })));

    /// <summary>Ends when every deposit that was begun is acknowledged.</summary>
    public async Task Stop()
    {
        await ending.CancelAsync();
        await load;
    }

    /// <summary>One dollar, acknowledged when this ends.</summary>
    /// <param name="first">The node to ask first, of those there are.</param>
    public async Task Deposit(int portfolio, int first)
    {
        var key = $"{Guid.NewGuid()}";
        using var breath = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        for (var i = first; !await TryDeposit(portfolio, key, nodes[i % nodes.Length]); i++)
        {
            Interlocked.Increment(ref repeats);
            await breath.WaitForNextTickAsync();
        }
        acknowledged.AddOrUpdate(portfolio, 1, (_, n) => n + 1);
    }

    private async Task<bool> TryDeposit(int portfolio, string key, Uri node)
    {
        using var request = new HttpRequestMessage(
            HttpMethod.Post, new Uri(node, $"/api/portfolios/{portfolio}/funding"))
        {
            Content = JsonContent.Create(new { type = "DEPOSIT", amount = "1" }),
            Headers = { { "Idempotency-Key", key } },
        };
        try
        {
            using var answer = await http.SendAsync(request);
            if (answer.StatusCode is HttpStatusCode.Created)
                return true;
            if ((int)answer.StatusCode < 500)
                throw new InvalidOperationException(await answer.Content.ReadAsStringAsync());
            return false;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            return false;
        }
    }

    public void Dispose()
    {
        http.Dispose();
        ending.Dispose();
    }
}

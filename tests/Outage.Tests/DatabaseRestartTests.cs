using Bifrost.Replay.Verifying;
using System.Collections.Concurrent;
using System.Net;
using Bifrost.Grains;
using Bifrost.Harness;
using Bifrost.Projections;

namespace Bifrost.Outage.Tests;

public sealed class DatabaseRestartTests
{
    private const int Callers = 16;

    [SkippableFact]
    public async Task a_database_that_is_stopped_and_started_under_load_loses_and_doubles_nothing()
    {
        await using var postgres = await StoppablePostgres.OrSkip();
        var server = new RunningServer();
        await server.InitializeAsync();
        try
        {
            await Restarting(postgres, server);
        }
        finally
        {
            await server.DisposeAsync();
        }
    }

    private static async Task Restarting(StoppablePostgres postgres, RunningServer server)
    {
        var portfolios = new List<int>();
        for (var i = 0; i < 4; i++)
            portfolios.Add(await server.Api.OpenPortfolio(cash: 0));
        var (acknowledged, refusals, stop) = (new ConcurrentBag<int>(), new ConcurrentBag<ApiAnswer>(), false);
        var load = Task.WhenAll(Enumerable.Range(0, Callers).Select(async caller =>
        {
            for (var n = 0; !Volatile.Read(ref stop); n++)
            {
                var portfolio = portfolios[caller % portfolios.Count];
                acknowledged.Add(await DepositUntilKnown(server.Api, portfolio, $"{caller}-{n}", refusals));
            }
        }));
        for (var round = 0; round < 2; round++)
        {
            await postgres.Stop();
            await postgres.Start();
            // Work goes on by itself: the same server answers again.
            await DepositUntilKnown(server.Api, portfolios[0], $"after-{round}", refusals);
        }
        Volatile.Write(ref stop, true);
        await load;

        acknowledged.Count.ShouldBeGreaterThan(Callers);
        refusals.ShouldAllBe(answer => answer.Status == HttpStatusCode.ServiceUnavailable
            && answer.ContentType == "application/problem+json");
        var recorded = await server.Database.Query<int[]>(
            "SELECT array_agg(funding_id ORDER BY funding_id) FROM funding");
        recorded.Length.ShouldBe(acknowledged.Count + 2);
        acknowledged.ShouldBeSubsetOf(recorded);
        acknowledged.ShouldBeUnique();
        // Of its own, because the server's may hold connections that the restart has broken.
        await using var reads = LedgerConnections.Readers(server.Database.ConnectionString);
        (await new Verification(reads).Run(null)).Differences.ShouldBeEmpty();
    }

    // What a careful caller does: the same key again until the outcome is known.
    private static async Task<int> DepositUntilKnown(
        ApiClient api, int portfolio, string key, ConcurrentBag<ApiAnswer> refusals)
    {
        while (true)
        {
            var answer = await api.Post(
                $"/api/portfolios/{portfolio}/funding", new { type = "DEPOSIT", amount = 1 }, key);
            if (answer.Status == HttpStatusCode.Created)
                return answer.Id("fundingId");
            refusals.Add(answer);
        }
    }
}

using System.Net;
using Bifrost.Harness;

namespace Bifrost.Api.Tests.Events;

/// <summary>With a server of its own, because others listen to all prices.</summary>
public sealed class LoadedPriceTests(RunningServer server) : IClassFixture<RunningServer>
{
    private static readonly DateTime Noon = new(2026, 3, 2, 12, 0, 0, DateTimeKind.Utc);

    [Fact]
    public async Task the_price_of_the_first_bars_that_are_loaded_is_told()
    {
        await using var stream = await EventListener.Open(server.Url, "symbols=LOAD");
        var told = stream.Prices();
        // What is there before the server has looked for the first time is no news.
        for (var minute = 0; !told.IsCompleted; minute++)
        {
            var time = Noon.AddMinutes(minute).ToString("O");
            var bars = $"symbol,time,open,high,low,close,volume\nLOAD,{time},1,3,1,2.75,5\n";
            var path = "/api/market-data/bars?interval=min";
            (await server.Api.SendRaw(HttpMethod.Post, path, bars, "text/csv")).Expect(HttpStatusCode.OK);
        }
        (await told).ShouldBe([("LOAD", "2.75")]);
    }
}

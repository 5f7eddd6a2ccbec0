using Bifrost.Harness;

namespace Bifrost.Scenario.Tests;

/// <summary>
/// A server on which real bars were traded, by one trader for each lot method; nothing where there are none.
/// </summary>
public sealed class TradedBars : IAsyncLifetime
{
    public static readonly string[] Methods = ["FIFO", "LIFO", "HIFO", "AVERAGE", "SPECIFIC"];

    public RunningServer Server { get; } = new();

    public IReadOnlyList<Trader> Traders { get; private set; } = [];

    public async Task InitializeAsync()
    {
        await Server.InitializeAsync();
        if (RealBars.WhyAbsent is not null)
            return;
        var bars = RealBars.Read("ORCL", "NVDA", "KO");
        Traders = [.. Methods.Select((method, i) => new Trader(Server.Api, method, seed: 1000 + i))];
        await Task.WhenAll(Traders.Select(trader => trader.Run(bars)));
    }

    public Task DisposeAsync() => Server.DisposeAsync();
}

/// <summary>The classes of tests that look at one trading.</summary>
[CollectionDefinition(Name)]
public sealed class OneTrading : ICollectionFixture<TradedBars>
{
    public const string Name = "real bars, traded once";
}

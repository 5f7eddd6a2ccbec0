namespace Bifrost.MarketData.Bars;

/// <summary>What was traded of a symbol in one interval.</summary>
/// <param name="Symbol">In its canonical form.</param>
/// <param name="Time">When the interval began, in UTC. A daily bar has the session's date at midnight.</param>
/// <param name="Volume">In whole units.</param>
/// <param name="AdjClose">The close less later splits and dividends; null where the source has none.</param>
public readonly record struct Bar(
    string Symbol, DateTime Time, OpenHighLowClose Prices, long Volume, decimal? AdjClose);

/// <summary>The four prices of a bar, with all of their source's digits.</summary>
public readonly record struct OpenHighLowClose(decimal Open, decimal High, decimal Low, decimal Close);

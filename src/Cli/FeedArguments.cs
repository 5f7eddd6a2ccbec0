using System.CommandLine;
using Bifrost.MarketData.Bars;
using Bifrost.MarketData.Files;
using Bifrost.Workers.Feeds;

namespace Bifrost.Cli;

/// <summary>Where a server gets bars from, on its command line.</summary>
internal static class FeedArguments
{
    private static readonly Option<string> Feed = new("--feed")
    {
        Description = "simulated makes minute bars of made-up symbols, SIM.ALFA and others; none does not.",
        DefaultValueFactory = _ => "none",
    };

    private static readonly Option<int> Seed = new("--feed-seed")
    {
        Description = "Of the simulated market: the same seed makes the same prices.", DefaultValueFactory = _ => 1,
    };

    private static readonly Option<string?> Watch = new("--watch")
    {
        Description = "A folder to watch: files of bars that are put into its folders min, hour and day are loaded and "
            + "moved to done, or to failed.",
    };

    private static readonly Option<string?> Poll = new("--poll")
    {
        Description = "An address to get bars from, as CSV or JSON. {symbol}, {from} and {fromEpoch} in it are filled "
            + "in.",
    };

    private static readonly Option<string[]> Symbols = new("--poll-symbols")
    {
        Description = "With --poll: what to ask for.",
        DefaultValueFactory = _ => [],
        AllowMultipleArgumentsPerToken = true,
    };

    private static readonly Option<BarInterval> Interval = new("--poll-interval")
    {
        Description = "With --poll: how long its bars are: min, hour or day.",
        DefaultValueFactory = _ => BarInterval.Min,
    };

    private static readonly Option<int> Every = new("--poll-seconds")
    {
        Description = "With --poll: how often.", DefaultValueFactory = _ => 60,
    };

    private static readonly Option<string?> TimeZone = new("--poll-time-zone")
    {
        Description = "With --poll: of times without an offset; UTC by default.",
    };

    public static IEnumerable<Option> All
    {
        get
        {
            Feed.AcceptOnlyFromAmong("simulated", "none");
            return [Feed, Seed, Watch, Poll, Symbols, Interval, Every, TimeZone];
        }
    }

    /// <exception cref="OperatorException">They do not fit together.</exception>
    public static FeedOptions Read(ParseResult parsed) => new()
    {
        SimulatedSeed = parsed.GetValue(Feed) == "simulated" ? parsed.GetValue(Seed) : null,
        WatchedFolder = parsed.GetValue(Watch) is { } folder ? Path.GetFullPath(folder) : null,
        Polled = parsed.GetValue(Poll) is { } address ? Polled(address, parsed) : null,
    };

    private static PolledAddress Polled(string address, ParseResult parsed)
    {
        var symbols = parsed.GetValue(Symbols)!.Select(symbol => Domain.Symbols.Canonical(symbol)
            ?? throw new OperatorException($"--poll-symbols '{symbol}': a symbol {Domain.Symbols.Rule}")).ToList();
        if (symbols.Count == 0)
            throw new OperatorException("--poll needs --poll-symbols: which symbols the address has.");
        if (!Uri.TryCreate(address, UriKind.Absolute, out var parts) || parts.Scheme is not ("http" or "https"))
            throw new OperatorException($"--poll takes an address such as https://example.org/bars, not '{address}'.");
        if (parsed.GetValue(Every) < 1)
            throw new OperatorException("--poll-seconds is at least 1.");
        var options = new BarFileOptions
        {
            Interval = parsed.GetValue(Interval), TimeZone = parsed.GetValue(TimeZone),
        };
        return new PolledAddress(address, symbols, options, TimeSpan.FromSeconds(parsed.GetValue(Every)));
    }
}

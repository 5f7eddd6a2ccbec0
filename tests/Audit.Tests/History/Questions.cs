using Bifrost.Audit.History;

namespace Bifrost.Audit.Tests.History;

/// <summary>What may be asked of <see cref="FilledLog"/>: each filter alone, and each two together.</summary>
internal static class Questions
{
    private static readonly DateTime Noon = FilledLog.Noon;

    // Of each filter a value that many events have, one that few have, and one that none has.
    private static readonly (string Filter, string Name, Func<HistoryFilter, HistoryFilter> Ask)[] Alone =
    [
        ("portfolio", "many", f => f with { PortfolioId = 7 }),
        ("portfolio", "none", f => f with { PortfolioId = 8 }),
        ("stream", "many", f => f with { Stream = "portfolio-7" }),
        ("stream", "few", f => f with { Stream = "order-400" }),
        ("stream", "none", f => f with { Stream = "order-0" }),
        ("type", "many", f => f with { Type = "common" }),
        ("type", "late", f => f with { Type = "late" }),
        ("type", "few", f => f with { Type = "rare" }),
        ("type", "none", f => f with { Type = "never" }),
        ("actor", "early", f => f with { Actor = "ann" }),
        ("actor", "late", f => f with { Actor = "bob" }),
        ("actor", "few", f => f with { Actor = "eve" }),
        ("actor", "none", f => f with { Actor = "nobody" }),
        ("command", "few", f => f with { CommandId = "command:407" }),
        ("command", "none", f => f with { CommandId = "command:x" }),
        ("correlation", "few", f => f with { CorrelationId = "trace-1" }),
        ("correlation", "none", f => f with { CorrelationId = "trace-x" }),
        ("from", "early", f => f with { From = Noon.AddHours(1) }),
        ("from", "late", f => f with { From = Noon.AddSeconds(66_600) }),
        ("from", "never", f => f with { From = Noon.AddDays(9) }),
        ("to", "early", f => f with { To = Noon.AddSeconds(330) }),
        ("to", "late", f => f with { To = Noon.AddHours(18) }),
        ("to", "never", f => f with { To = Noon.AddDays(-9) }),
        ("after", "middle", f => f with { After = 100_000 }),
        ("after", "end", f => f with { After = FilledLog.Events }),
    ];

    public static IEnumerable<string> Names => All.Keys;

    public static IReadOnlyDictionary<string, HistoryFilter> All { get; } = Make();

    private static Dictionary<string, HistoryFilter> Make()
    {
        var all = new Dictionary<string, HistoryFilter> { ["all"] = new() };
        for (var i = 0; i < Alone.Length; i++)
        {
            var one = Alone[i];
            all.Add($"{one.Filter} {one.Name}", one.Ask(new HistoryFilter()));
            foreach (var other in Alone.Skip(i + 1).Where(other => other.Filter != one.Filter))
            {
                var both = other.Ask(one.Ask(new HistoryFilter()));
                all.Add($"{one.Filter} {one.Name}, {other.Filter} {other.Name}", both);
            }
        }
        return all;
    }
}

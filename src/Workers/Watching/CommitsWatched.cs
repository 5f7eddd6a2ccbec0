using System.Globalization;
using Bifrost.Grains;
using Microsoft.Extensions.Logging;

namespace Bifrost.Workers.Watching;

/// <summary>Commits go through.</summary>
internal sealed class CommitsWatched(Ledger ledger, WatchLimits limits) : IWatched
{
    public Condition Look()
    {
        var waiting = ledger.Commits.Waiting;
        var problem = waiting > limits.Commits
            ? string.Create(
                CultureInfo.InvariantCulture, $"A commit has waited for the database for {waiting.TotalSeconds:0} s.")
            : ledger.Commits.Failure is { } failure
                ? $"The last commit, at {failure.At:O}, failed: {failure.Reason}"
                : null;
        return new Condition("commits", waiting, problem) { Level = LogLevel.Critical };
    }
}

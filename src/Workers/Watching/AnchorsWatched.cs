using System.Globalization;
using Bifrost.Audit.Anchors;
using Bifrost.Workers.Anchors;
using Microsoft.Extensions.Logging;

namespace Bifrost.Workers.Watching;

/// <summary>What is recorded is signed soon.</summary>
internal sealed class AnchorsWatched(AnchorState state, AuditOptions options, WatchLimits limits) : IWatched
{
    public Condition Look()
    {
        var age = options.Root is null ? TimeSpan.Zero : state.SinceSigned;
        var problem = state.Problem ?? (age <= limits.Anchoring + options.Every
            ? null
            : string.Create(
                CultureInfo.InvariantCulture,
                $"What was recorded has not been anchored for {age.TotalSeconds:0} s; the log may say why."));
        return new Condition("anchoring", age, problem) { Level = LogLevel.Critical };
    }
}

using System.Globalization;
using Bifrost.Workers.Checking;

namespace Bifrost.Workers.Watching;

/// <summary>The tables are compared with the log, and are what it says.</summary>
internal sealed class VerificationWatched(ProjectionCheck check, WatchLimits limits) : IWatched
{
    public Condition Look()
    {
        var age = check.SincePassed;
        var problem = check.Differences.Count > 0
            ? "Tables are not what the log says; ./bifrost replay verify shows where."
            : age <= limits.Verification
                ? null
                : string.Create(
                    CultureInfo.InvariantCulture, $"No check of the tables has ended for {age.TotalSeconds:0} s.");
        return new Condition("verification", age, problem);
    }
}

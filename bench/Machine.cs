using System.Globalization;

namespace Bifrost.Bench;

/// <summary>What the numbers were measured on.</summary>
internal static class Machine
{
    private const string Settings =
        """
        SELECT string_agg(name || '=' || current_setting(name), ', ')
        FROM unnest(array['fsync', 'synchronous_commit', 'full_page_writes', 'shared_buffers']) AS name
        """;

    /// <summary>
    /// The time that all processors together have spent on anything since the machine started; null where the system
    /// does not tell.
    /// </summary>
    public static TimeSpan? BusyTime()
    {
        const int TicksPerSecond = 100;
        if (!File.Exists("/proc/stat"))
            return null;
        // cpu user nice system idle iowait irq softirq steal …, in hundredths of seconds; see proc(5).
        var ticks = File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..]
            .Select(field => long.Parse(field, CultureInfo.InvariantCulture)).ToArray();
        var busy = ticks[0] + ticks[1] + ticks[2] + ticks[5] + ticks[6];
        return TimeSpan.FromSeconds((double)busy / TicksPerSecond);
    }

    public static async Task<string> Describe(BenchDatabase database, CancellationToken cancel)
    {
        var version = await database.Scalar<string>("SELECT current_setting('server_version')", cancel);
        var settings = await database.Scalar<string>(Settings, cancel);
        return $"{Environment.ProcessorCount} cores, shared with PostgreSQL {version.Split(' ')[0]} ({settings}); "
            + $".NET {Environment.Version}";
    }
}

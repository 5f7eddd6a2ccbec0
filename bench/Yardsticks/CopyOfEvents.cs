using System.Diagnostics;

namespace Bifrost.Bench.Yardsticks;

/// <summary>The fastest way into PostgreSQL: the same rows, by COPY, into a table with the same indexes.</summary>
internal static class CopyOfEvents
{
    // Enough to take seconds, and little enough to be held in memory.
    private const string Rows = "SELECT * FROM events.mt_events ORDER BY seq_id LIMIT 200000";

    /// <returns>Rows a second.</returns>
    public static async Task<double> Run(BenchDatabase database, CancellationToken cancel)
    {
        await database.Execute(
            "DROP TABLE IF EXISTS copied; CREATE TABLE copied (LIKE events.mt_events INCLUDING ALL)", cancel);
        await using var connection = await database.Owner.OpenConnectionAsync(cancel);
        using var rows = new MemoryStream();
        await using (var export = await connection.BeginRawBinaryCopyAsync(
            $"COPY ({Rows}) TO STDOUT (FORMAT binary)", cancel))
            await export.CopyToAsync(rows, cancel);
        rows.Position = 0;
        var started = Stopwatch.GetTimestamp();
        await using (var import = await connection.BeginRawBinaryCopyAsync(
            "COPY copied FROM STDIN (FORMAT binary)", cancel))
            await rows.CopyToAsync(import, cancel);
        var elapsed = Stopwatch.GetElapsedTime(started);
        return await database.Scalar<long>("SELECT count(*) FROM copied", cancel) / elapsed.TotalSeconds;
    }
}

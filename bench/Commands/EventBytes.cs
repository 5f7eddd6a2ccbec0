namespace Bifrost.Bench.Commands;

/// <summary>What events take in the log, on average.</summary>
internal sealed record EventBytes(long PerEvent, long PerCommand)
{
    /// <summary>What commands take where the log is another database's, which is not asked.</summary>
    private static readonly EventBytes Usual = new(512, 1024);

    public static async Task<EventBytes> Measure(BenchDatabase database, CancellationToken cancel)
    {
        var events = await database.Scalar<long>("SELECT count(*) FROM events.mt_events", cancel);
        if (events == 0)
            return Usual;
        var bytes = await database.Scalar<long>("SELECT sum(pg_column_size(e.*)) FROM events.mt_events e", cancel);
        // An event's causation id is the id of its command.
        var commands = await database.Scalar<long>("SELECT count(DISTINCT causation_id) FROM events.mt_events", cancel);
        return new EventBytes(bytes / events, bytes / commands);
    }
}

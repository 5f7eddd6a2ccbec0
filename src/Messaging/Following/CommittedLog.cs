using JasperFx.Events.Daemon.HighWater;
using Npgsql;

namespace Bifrost.Messaging.Following;

/// <summary>How far the log can be read without missing anything: to its last event.</summary>
/// <remarks>
/// It stands in for Marten's own, which waits where sequences are missing. Here they are committed in their order
/// (<see cref="EventStore.AppendEvents"/>): whatever is missing below an event that is there was rolled back.
/// </remarks>
internal sealed class CommittedLog(NpgsqlDataSource database) : IHighWaterDetector
{
    private const string Latest = "SELECT coalesce(max(seq_id), 0) FROM events.mt_events";

    private long last;

    public Uri DatabaseUri { get; } = new("postgresql://ledger");

    public Task<HighWaterStatistics> DetectInSafeZone(CancellationToken token) => Detect(token);

    public async Task<HighWaterStatistics> Detect(CancellationToken token)
    {
        await using var command = database.CreateCommand(Latest);
        var latest = (long)(await command.ExecuteScalarAsync(token))!;
        return new HighWaterStatistics
        {
            LastMark = Interlocked.Exchange(ref last, latest),
            CurrentMark = latest,
            HighestSequence = latest,
            SafeStartMark = latest,
            Timestamp = DateTimeOffset.UtcNow,
        };
    }
}

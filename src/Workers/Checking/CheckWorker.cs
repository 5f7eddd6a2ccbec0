using System.Diagnostics;
using Bifrost.Grains;
using Bifrost.Replay.Verifying;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Bifrost.Workers.Checking;

/// <summary>
/// Verifies the projected tables again and again while the server runs, a few portfolios at a time and with pauses, so
/// that it takes a tenth of one core at most. What differs is told at once and loudly; nothing is changed.
/// </summary>
public sealed class CheckWorker(
    NpgsqlDataSource database, Ledger ledger, ProjectionCheck check, ILogger<CheckWorker> logger) : RepeatedWork(logger)
{
    // The pause after a slice is so many times what the slice took.
    private const int PauseFactor = 9;

    private const string LastSequence = "SELECT coalesce(max(seq_id), 0) FROM events.mt_events";

    // Tables can be changed behind the ledger's back without an event, so passes do not end while nothing is committed.
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);

    private readonly Verification verification = new(database);
    private readonly Wakeup committed = new();

    protected override string Name => "The check of the projected tables";

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        void Told(long sequence) => committed.Signal();
        ledger.Committed += Told;
        await base.ExecuteAsync(stoppingToken);
        ledger.Committed -= Told;
    }

    protected override async Task Turn(CancellationToken cancel)
    {
        var (sequence, found) = (await Last(cancel), new List<Difference>());
        foreach (var slice in await verification.FindSlices(0, cancel))
        {
            var since = Stopwatch.GetTimestamp();
            var (_, _, differences) = await verification.VerifySlice(slice, cancel);
            Tell(differences);
            found.AddRange(differences);
            await Task.Delay(Stopwatch.GetElapsedTime(since) * PauseFactor, cancel);
        }
        check.Passed(sequence, found, DateTimeOffset.UtcNow);
        await Task.Delay(Shortest, cancel);
        await committed.Wait(Longest, cancel);
    }

    private void Tell(IReadOnlyList<Difference> differences)
    {
        var known = check.Differences;
        foreach (var difference in differences.Except(known))
        {
            logger.LogCritical(
                "{Table} {Key} is not what the log says: {Column} is {Live} and should be {Replayed}. "
                + "./bifrost replay verify shows all, ./bifrost replay rebuild puts them right",
                difference.Table,
                difference.Key,
                difference.Column,
                difference.Live,
                difference.Replayed);
        }
        check.Found(differences);
    }

    private async Task<long> Last(CancellationToken cancel)
    {
        await using var command = database.CreateCommand(LastSequence);
        return (long)(await command.ExecuteScalarAsync(cancel))!;
    }
}

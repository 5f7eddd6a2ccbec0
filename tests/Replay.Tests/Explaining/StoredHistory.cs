using Bifrost.Domain;
using Bifrost.Domain.Tests;
using Bifrost.EventStore;

namespace Bifrost.Replay.Tests.Explaining;

/// <summary>A story's events as the log would have them.</summary>
internal static class StoredHistory
{
    public static IReadOnlyList<StoredEvent> Of(Ledger ledger)
    {
        var versions = new Dictionary<string, long>();
        return [.. ledger.History.Select((recorded, index) => Stored(recorded, index, versions))];
    }

    // Sequences have gaps, as other portfolios write as well.
    private static StoredEvent Stored(Recorded recorded, int index, Dictionary<string, long> versions)
    {
        var stream = recorded.Event.Stream.Value;
        versions[stream] = versions.GetValueOrDefault(stream) + 1;
        return new StoredEvent(
            1_000 + 3 * index,
            Guid.CreateVersion7(recorded.RecordedAt),
            stream,
            versions[stream],
            recorded.Event,
            recorded.RecordedAt,
            new Origin("tester", $"command:{index}", null))
        {
            PortfolioVersion = index + 1,
        };
    }
}

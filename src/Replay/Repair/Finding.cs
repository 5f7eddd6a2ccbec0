using System.Collections.Immutable;
using Bifrost.EventStore;

namespace Bifrost.Replay.Repair;

/// <summary>An event as it is stored, whether it can be read or not.</summary>
public sealed record StoredRow(
    long Sequence,
    Guid Id,
    string Stream,
    long Version,
    string Type,
    DateTimeOffset RecordedAt,
    string Data)
{
    /// <summary>The type that wrote it, by the name that its build gave it.</summary>
    public string? DotnetType { get; init; }
}

/// <summary>What stops a portfolio, and what can be done about it.</summary>
/// <param name="Sequence">Of the event that cannot be read or followed; null where not even that is known.</param>
/// <param name="LastGoodSequence">Of the last event that could be folded; null where there is none.</param>
/// <param name="Row">Null where the log does not have the event.</param>
public sealed record Finding(
    int PortfolioId,
    HistoryFault Fault,
    long? Sequence,
    string Reason,
    long? LastGoodSequence,
    long LastGoodVersion,
    StoredRow? Row)
{
    /// <summary>What the reason leaves out because callers of the API are told it as well.</summary>
    public string? Detail { get; init; }

    /// <summary>In the order in which it is to be done. Nothing of it is done by the ledger itself.</summary>
    public ImmutableArray<string> Advice => Repair.Advice.On(this);
}

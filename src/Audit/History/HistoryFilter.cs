namespace Bifrost.Audit.History;

/// <summary>Which events of the log are asked for; an event has to fit all that is set.</summary>
public sealed record HistoryFilter
{
    public int? PortfolioId { get; init; }

    public string? Stream { get; init; }

    /// <summary>The event's name as it is stored; it need not be one that this build knows.</summary>
    public string? Type { get; init; }

    public string? Actor { get; init; }

    /// <summary>The command whose whole effect is asked for, over all streams.</summary>
    public string? CommandId { get; init; }

    /// <summary>The trace whose commands are asked for.</summary>
    public string? CorrelationId { get; init; }

    /// <summary>Recorded then or later.</summary>
    public DateTime? From { get; init; }

    /// <summary>Recorded before then.</summary>
    public DateTime? To { get; init; }

    /// <summary>The sequence after which to begin.</summary>
    public long After { get; init; }

    /// <summary>How many events at the most.</summary>
    public int Limit { get; init; } = 100;
}

/// <summary>Events in sequence order.</summary>
/// <param name="Next">
/// The sequence after which to go on; null at the end. There may be more even where nothing was found: a page ends
/// after so many events were looked at.
/// </param>
public sealed record HistoryPage(IReadOnlyList<LoggedFact> Items, long? Next);

using Bifrost.Domain.Instruments;

namespace Bifrost.Instruments;

/// <summary>Another name of an instrument.</summary>
/// <param name="Source">Who calls it so; <see cref="Any"/> for everybody.</param>
/// <param name="From">Since when it is its name, in UTC; null for ever.</param>
/// <param name="To">From when on it is not any more; null for no end.</param>
public sealed record InstrumentAlias(string Source, string Alias, DateTime? From = null, DateTime? To = null)
{
    public const string Any = "*";

    /// <summary>Whether it is the name for a source at a moment.</summary>
    public bool Holds(string? source, DateTime at) =>
        (Source == Any || Source == source) && (From is null || From <= at) && (To is null || at < To);

    /// <summary>Where and when it holds, for people.</summary>
    public string Scope => (Source == Any ? "for every source" : $"for {Source}")
        + (From is { } from ? $" from {from:yyyy-MM-ddTHH:mm:ssZ}" : "")
        + (To is { } to ? $" until {to:yyyy-MM-ddTHH:mm:ssZ}" : "");
}

/// <summary>An instrument as somebody has described it.</summary>
/// <param name="Exchange">The code of a known exchange, by whose sessions its days are; null for days of UTC.</param>
public sealed record DescribedInstrument(int Id, Instrument Instrument, string? Exchange)
{
    public string Symbol => Instrument.Symbol;

    /// <summary>Such as ACTIVE or DELISTED; a word of the describer's own.</summary>
    public required string Status { get; init; }

    public DateOnly? ListedOn { get; init; }

    public DateOnly? DelistedOn { get; init; }

    public string? Name { get; init; }

    public DateTime CreatedAt { get; init; }

    public DateTime UpdatedAt { get; init; }

    /// <summary>By name, source and time.</summary>
    public IReadOnlyList<InstrumentAlias> Aliases { get; init; } = [];
}

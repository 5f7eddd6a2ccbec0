using System.Collections.Immutable;
using Bifrost.Domain;

namespace Bifrost.Audit.Books;

/// <summary>What one event moved.</summary>
/// <param name="Type">The event's name as it is stored.</param>
/// <param name="Postings">Debits are above zero; they sum to zero in each commodity.</param>
public sealed record JournalEntry(
    long Sequence,
    string Type,
    DateTimeOffset OccurredAt,
    DateTimeOffset RecordedAt,
    ImmutableArray<Posting> Postings)
{
    /// <summary>The sum of each commodity, which is zero.</summary>
    public IReadOnlyDictionary<string, decimal> Totals => Sums.ByCommodity(Postings);
}

/// <summary>A part of a portfolio's journal.</summary>
/// <param name="Next">The sequence after which to go on; null at the end.</param>
public sealed record JournalPage(string Currency, IReadOnlyList<JournalEntry> Entries, long? Next);

/// <summary>What all accounts of a portfolio come to.</summary>
/// <param name="Sequence">The last event that is in it.</param>
/// <param name="Accounts">By commodity and account; each with the sum of its postings.</param>
public sealed record TrialBalance(int PortfolioId, long Sequence, IReadOnlyList<Posting> Accounts)
{
    /// <summary>The sum of each commodity, which is zero.</summary>
    public IReadOnlyDictionary<string, decimal> Totals => Sums.ByCommodity(Accounts);
}

internal static class Sums
{
    public static SortedDictionary<string, decimal> ByCommodity(IEnumerable<Posting> postings)
    {
        var sums = new SortedDictionary<string, decimal>(StringComparer.Ordinal);
        foreach (var posting in postings)
            sums[posting.Commodity] = sums.GetValueOrDefault(posting.Commodity) + posting.Amount;
        return sums;
    }
}

using System.Collections.Immutable;

namespace Bifrost.Domain.Holdings;

/// <summary>
/// From the lot at <paramref name="At"/> on, so many of the lots before give way to others; the rest stays.
/// </summary>
/// <param name="At">Among the lots as they were, from 0.</param>
/// <param name="Removed">How many of those go; none where others are put before it.</param>
/// <param name="Lots">What stands in their place.</param>
public sealed record LotChange(int At, int Removed, ImmutableArray<Lot> Lots);

/// <summary>What makes the lots of a holding others: as much as changed, however many there are.</summary>
public static class LotChanges
{
    /// <returns>In the order of the lots; none where both are the same.</returns>
    public static ImmutableArray<LotChange> Between(IReadOnlyList<Lot> before, IReadOnlyList<Lot> after)
    {
        var places = new Dictionary<int, int>(before.Count);
        for (var i = 0; i < before.Count; i++)
            places[before[i].LotId] = i;
        var changes = ImmutableArray.CreateBuilder<LotChange>();
        var (at, next) = (0, 0);
        while (at < before.Count || next < after.Count)
        {
            if (at < before.Count && next < after.Count && before[at] == after[next])
            {
                (at, next) = (at + 1, next + 1);
                continue;
            }
            var (place, same) = NextSame(before, after, places, at, next);
            changes.Add(new LotChange(at, place - at, [.. after.Skip(next).Take(same - next)]));
            (at, next) = (place, same);
        }
        return changes.ToImmutable();
    }

    /// <summary>The lots after the changes.</summary>
    /// <exception cref="ArgumentException">They are the changes of other lots than these.</exception>
    public static ImmutableList<Lot> Apply(ImmutableList<Lot> before, ImmutableArray<LotChange> changes)
    {
        var after = before.ToBuilder();
        var end = before.Count;
        // From the last on, so that places before it stay what they are.
        foreach (var change in changes.Reverse())
        {
            if (change.Lots.IsDefault || change.At < 0 || change.Removed < 0 || change.At > end - change.Removed)
                throw new ArgumentException($"No {change.Removed} lots are there from {change.At}.", nameof(changes));
            after.RemoveRange(change.At, change.Removed);
            after.InsertRange(change.At, change.Lots);
            end = change.At;
        }
        return after.ToImmutable();
    }

    // The next lot that is after as it was before, behind both places; the ends where there is none.
    private static (int Place, int Same) NextSame(
        IReadOnlyList<Lot> before, IReadOnlyList<Lot> after, Dictionary<int, int> places, int at, int next)
    {
        for (var same = next; same < after.Count; same++)
        {
            if (places.TryGetValue(after[same].LotId, out var place) && place >= at && before[place] == after[same])
                return (place, same);
        }
        return (before.Count, after.Count);
    }
}

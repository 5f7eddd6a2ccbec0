namespace Bifrost.Domain.Holdings;

/// <summary>
/// Where splits stand among the fills of their symbol: after all that occurred before they were effective, and before
/// all else, whenever each became known. Otherwise facts keep the order in which they were recorded.
/// </summary>
internal static class SplitOrder
{
    /// <param name="occurred">When a fact of the symbol occurred; null for those of others, which stay.</param>
    public static void InsertSplit<T>(List<T> facts, T split, Func<T, DateTimeOffset?> occurred)
    {
        var effectiveAt = occurred(split);
        var first = facts.FindIndex(fact => occurred(fact) >= effectiveAt);
        if (first < 0)
        {
            facts.Add(split);
            return;
        }
        var rest = facts.GetRange(first, facts.Count - first);
        facts.RemoveRange(first, rest.Count);
        facts.AddRange(rest.Where(fact => occurred(fact) < effectiveAt));
        facts.Add(split);
        facts.AddRange(rest.Where(fact => !(occurred(fact) < effectiveAt)));
    }

    /// <summary>Puts a fill at the end of what occurred before the next split.</summary>
    /// <param name="splitAt">When a fact that is a split of the symbol is effective; null for all others.</param>
    public static void InsertFill<T>(List<T> facts, T fill, DateTimeOffset at, Func<T, DateTimeOffset?> splitAt)
    {
        var next = facts.FindIndex(fact => splitAt(fact) > at);
        facts.Insert(next < 0 ? facts.Count : next, fill);
    }

    /// <summary>Puts a fill where another was, or where it belongs if a split stands between.</summary>
    public static void ReplaceFill<T>(
        List<T> facts, int index, T fill, DateTimeOffset at, Func<T, DateTimeOffset?> splitAt)
    {
        facts.RemoveAt(index);
        if (facts.Take(index).Any(fact => splitAt(fact) > at) || facts.Skip(index).Any(fact => splitAt(fact) <= at))
            InsertFill(facts, fill, at, splitAt);
        else
            facts.Insert(index, fill);
    }
}

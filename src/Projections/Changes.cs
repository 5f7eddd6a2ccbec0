namespace Bifrost.Projections;

/// <summary>What became of the rows of one table: made, changed, or gone.</summary>
public sealed class Changes<TRow>
    where TRow : class
{
    private enum Fate
    {
        Made,
        Changed,
        Replaced,
        Gone,
    }

    private readonly Dictionary<int, (TRow? Row, Fate Fate)> rows = [];

    /// <summary>Every row that is there in the end, by its key.</summary>
    public IEnumerable<KeyValuePair<int, TRow>> Rows
    {
        get
        {
            foreach (var (key, (row, _)) in rows)
            {
                if (row is not null)
                    yield return KeyValuePair.Create(key, row);
            }
        }
    }

    public int Count => rows.Count;

    public void Clear() => rows.Clear();

    public bool TryGet(int key, out TRow? row)
    {
        var isKnown = rows.TryGetValue(key, out var known);
        row = known.Row;
        return isKnown;
    }

    /// <summary>Forgets what became of a row: from here on it is one that was there before.</summary>
    public void Forget(int key) => rows.Remove(key);

    /// <summary>
    /// Hands over what became of the rows that <paramref name="isDue"/> says, and of those that are gone, and forgets
    /// it: from here on they are rows that were there before.
    /// </summary>
    /// <param name="made">Takes rows that were not there before.</param>
    /// <param name="late">Takes the others by their key, as they are now; null where one is gone.</param>
    public void Drain(Func<TRow, bool> isDue, ICollection<TRow> made, IDictionary<int, TRow?> late)
    {
        foreach (var (key, (row, fate)) in rows)
        {
            if (row is not null && !isDue(row))
                continue;
            if (fate == Fate.Made)
                made.Add(row!);
            else
                late[key] = row;
            rows.Remove(key);
        }
    }

    /// <summary>Adds these changes to those of others.</summary>
    internal void CollectInto(RowSet<TRow> set)
    {
        foreach (var (key, (row, fate)) in rows)
        {
            switch (fate)
            {
                case Fate.Made:
                    set.Inserted.Add((key, row!));
                    break;
                case Fate.Changed:
                    set.Updated.Add((key, row!));
                    break;
                case Fate.Replaced:
                    set.Deleted.Add(key);
                    set.Inserted.Add((key, row!));
                    break;
                case Fate.Gone:
                    set.Deleted.Add(key);
                    break;
            }
        }
    }

    /// <summary>A row that was not there before.</summary>
    public void Add(int key, TRow row) => rows.Add(key, (row, Fate.Made));

    /// <summary>A row that is there, changed.</summary>
    public void Set(int key, TRow row) =>
        rows[key] = (row, rows.TryGetValue(key, out var old) ? old.Fate : Fate.Changed);

    /// <summary>A row that may be there or not.</summary>
    public void Replace(int key, TRow row) =>
        rows[key] = (row, rows.TryGetValue(key, out var old) && old.Fate == Fate.Made ? Fate.Made : Fate.Replaced);

    public void Remove(int key)
    {
        if (rows.TryGetValue(key, out var old) && old.Fate == Fate.Made)
            rows.Remove(key);
        else
            rows[key] = (null, Fate.Gone);
    }
}

/// <summary>What many portfolios changed in one table.</summary>
internal sealed class RowSet<TRow>
{
    public List<(int Key, TRow Row)> Inserted { get; } = [];

    public List<(int Key, TRow Row)> Updated { get; } = [];

    /// <summary>Keys to take away before anything is inserted.</summary>
    public List<int> Deleted { get; } = [];

    /// <summary>In the order of keys, so that two writers take the rows they share in one order.</summary>
    public void Sort()
    {
        Deleted.Sort();
        Inserted.Sort(static (a, b) => a.Key.CompareTo(b.Key));
        Updated.Sort(static (a, b) => a.Key.CompareTo(b.Key));
    }
}

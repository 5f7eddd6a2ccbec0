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
    public IEnumerable<KeyValuePair<int, TRow>> Rows =>
        from entry in rows
        where entry.Value.Row is not null
        select KeyValuePair.Create(entry.Key, entry.Value.Row!);

    public IEnumerable<TRow> Inserted => With(Fate.Made).Concat(With(Fate.Replaced));

    public IEnumerable<TRow> Updated => With(Fate.Changed);

    /// <summary>Keys to take away before anything is inserted.</summary>
    public IEnumerable<int> Deleted =>
        from entry in rows where entry.Value.Fate is Fate.Gone or Fate.Replaced select entry.Key;

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

    private IEnumerable<TRow> With(Fate fate) =>
        from entry in rows.Values where entry.Fate == fate select entry.Row!;
}

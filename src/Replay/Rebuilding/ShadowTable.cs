using Bifrost.Projections;
using Npgsql;

namespace Bifrost.Replay.Rebuilding;

/// <summary>
/// What a projected table should be, in a temporary table of one connection, which is gone with it. Rows come by COPY;
/// those that are changed after they came are put right at the end of a batch.
/// </summary>
internal abstract class ShadowTable(string name, string live)
{
    /// <summary>The temporary table.</summary>
    public string Name { get; } = name;

    /// <summary>The table that programs read.</summary>
    public string Live { get; } = live;

    public abstract Task Create(NpgsqlConnection connection, CancellationToken cancel);

    /// <summary>Takes rows out of <paramref name="changes"/>: those that will seldom change again, or all.</summary>
    public abstract void Take(RowChanges changes, bool all);

    /// <summary>Writes what was taken.</summary>
    /// <param name="all">
    /// Also the rows that were written before and have changed since, which has to look through the whole table.
    /// </param>
    public abstract Task Write(NpgsqlConnection connection, bool all, CancellationToken cancel);

    /// <summary>The portfolios whose rows are not what they should be, marks aside.</summary>
    public abstract string Differing { get; }

    /// <summary>Makes the live rows of the portfolios in $1 what they should be, marks aside.</summary>
    public abstract IReadOnlyList<string> Merge { get; }
}

/// <inheritdoc/>
/// <param name="isSettled">Rows that will seldom change again, so that they need not be kept in memory.</param>
/// <param name="replaced">
/// Rows that differ are deleted and inserted: two of them may have to swap what only one may have at a time.
/// </param>
internal sealed class ShadowTable<TRow>(
    string name, Table<TRow> table, Func<RowChanges, Changes<TRow>> of, Func<TRow, bool> isSettled, bool replaced)
    : ShadowTable(name, table.Name)
    where TRow : class
{
    private readonly Column<TRow>[] written = [.. table.Columns.Where(column => column.Role != ColumnRole.Generated)];
    private List<TRow> taken = [];
    private readonly Dictionary<int, TRow?> late = [];

    public override async Task Create(NpgsqlConnection connection, CancellationToken cancel) => await Sql.Run(
        connection, $"CREATE TEMP TABLE {Name} AS SELECT {Names("")} FROM {Live} WITH NO DATA", cancel);

    public override void Take(RowChanges changes, bool all) =>
        of(changes).Drain(all ? static _ => true : isSettled, taken, late);

    public override async Task Write(NpgsqlConnection connection, bool all, CancellationToken cancel)
    {
        var (rows, changed) = (taken, all ? late : []);
        taken = [];
        if (changed.Count > 0)
        {
            await using var delete = new NpgsqlCommand($"DELETE FROM {Name} WHERE {Key} = ANY ($1)", connection);
            delete.Parameters.Add(new NpgsqlParameter<int[]> { TypedValue = [.. changed.Keys] });
            await delete.ExecuteNonQueryAsync(cancel);
            rows.AddRange(changed.Values.OfType<TRow>());
            late.Clear();
        }
        if (rows.Count > 0)
            await table.Copy(connection, Name, rows, cancel);
    }

    public override string Differing =>
        $"""
        SELECT unnest(ARRAY[l.portfolio_id, s.portfolio_id])
        FROM {Live} l FULL JOIN {Name} s ON s.{Key} = l.{Key}
        WHERE l.{Key} IS NULL OR s.{Key} IS NULL OR {Differs}
        """;

    public override IReadOnlyList<string> Merge =>
    [
        replaced
            ? $"""
              DELETE FROM {Live} l WHERE (l.portfolio_id = ANY ($1)
                  AND NOT EXISTS (SELECT FROM {Name} s WHERE s.{Key} = l.{Key}))
                  OR EXISTS (SELECT FROM {Name} s
                             WHERE s.{Key} = l.{Key} AND s.portfolio_id = ANY ($1) AND {Differs})
              """
            : $"""
              DELETE FROM {Live} l
              WHERE l.portfolio_id = ANY ($1) AND NOT EXISTS (SELECT FROM {Name} s WHERE s.{Key} = l.{Key})
              """,
        $"""
        UPDATE {Live} l SET {Assignments}
        FROM {Name} s WHERE s.portfolio_id = ANY ($1) AND s.{Key} = l.{Key} AND {Differs}
        """,
        $"""
        INSERT INTO {Live} ({Names("")})
        SELECT {string.Join(", ", written.Select(column => column.Mark?.Insert ?? $"u.{column.Name}"))}
        FROM {Name} u
        WHERE u.portfolio_id = ANY ($1) AND NOT EXISTS (SELECT FROM {Live} l WHERE l.{Key} = u.{Key})
        """,
    ];

    private string Key => table.Key.Name;

    // A mark does not follow from the log and is put right by itself.
    private IEnumerable<Column<TRow>> Compared =>
        written.Where(column => column.Role is not (ColumnRole.Key or ColumnRole.Mark));

    private string Differs =>
        $"({string.Join(", ", Compared.Select(column => $"l.{column.Name}"))}) IS DISTINCT FROM "
        + $"({string.Join(", ", Compared.Select(column => $"s.{column.Name}"))})";

    private string Assignments => string.Join(", ", Compared.Select(column => $"{column.Name} = s.{column.Name}"));

    private string Names(string of) => string.Join(", ", written.Select(column => of + column.Name));
}

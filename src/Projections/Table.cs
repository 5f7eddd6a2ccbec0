using Bifrost.EventStore;
using Npgsql;

namespace Bifrost.Projections;

/// <summary>
/// A projected table as data: from its columns follow the statements that write it and the check that reads it.
/// </summary>
/// <typeparam name="TRow">The image of one row.</typeparam>
public sealed class Table<TRow>
{
    private readonly List<Column<TRow>> columns = [];
    private readonly List<Column<TRow>> told = [];
    private readonly Lazy<List<Column<TRow>>> stored;
    private readonly Lazy<(List<Column<TRow>> Insert, List<Column<TRow>> Update)> given;
    private readonly Lazy<(Statement Insert, Statement Update, Statement Delete)> sql;

    /// <param name="name">The table's name, quoted where PostgreSQL needs it.</param>
    public Table(string name)
    {
        Name = name;
        stored = new(() => [.. columns.Where(column => column.Role != ColumnRole.Generated)]);
        given = new(() => (
            [.. stored.Value.Where(column => column.IsGivenTo(mark => mark.Insert))],
            // Writes what can change and nothing else.
            [
                .. stored.Value.Where(
                    column => column.Role != ColumnRole.Fixed && column.IsGivenTo(mark => mark.Update)),
                .. told,
            ]));
        sql = new(() => (
            new(InsertSql()), new(UpdateSql()), new($"DELETE FROM {Name} WHERE {Key.Name} = ANY (?)")));
    }

    public string Name { get; }

    public IReadOnlyList<Column<TRow>> Columns => columns;

    public Column<TRow> Key => columns.Single(column => column.Role == ColumnRole.Key);

    public Table<TRow> Whole(string name, ColumnRole role, Func<TRow, int> get) =>
        Add(name, "integer", role, get, static (copy, value) => copy.Write(value));

    public Table<TRow> Whole(string name, ColumnRole role, Func<TRow, int?> get) =>
        Add(name, "integer", role, get, Maybe<int>(static (copy, value) => copy.Write(value)));

    public Table<TRow> Whole(string name, ColumnRole role, Func<TRow, long> get) =>
        Add(name, "bigint", role, get, static (copy, value) => copy.Write(value));

    public Table<TRow> Text(string name, ColumnRole role, Func<TRow, string?> get) =>
        Add(name, "varchar", role, get, Text);

    public Table<TRow> Bool(string name, ColumnRole role, Func<TRow, bool> get) =>
        Add(name, "boolean", role, get, static (copy, value) => copy.Write(value));

    public Table<TRow> Number(string name, ColumnRole role, Func<TRow, decimal> get) =>
        Add(name, "numeric", role, get, static (copy, value) => copy.Write(value));

    public Table<TRow> Number(string name, ColumnRole role, Func<TRow, decimal?> get) =>
        Add(
            name, "numeric", role, get,
            Maybe<decimal>(static (copy, value) => copy.Write(value)));

    public Table<TRow> Time(string name, ColumnRole role, Func<TRow, DateTimeOffset> get) =>
        Add(
            name, "timestamptz", role, row => get(row).UtcDateTime,
            static (copy, value) => copy.Write(value));

    public Table<TRow> Time(string name, ColumnRole role, Func<TRow, DateTimeOffset?> get) =>
        Add(
            name, "timestamptz", role, row => get(row)?.UtcDateTime,
            Maybe<DateTime>(static (copy, value) => copy.Write(value)));

    /// <summary>A number that follows from a price of the market.</summary>
    /// <param name="get">What the row itself says of it.</param>
    public Table<TRow> Mark(string name, MarkSql sql, Func<TRow, decimal?> get)
    {
        Number(name, ColumnRole.Mark, get);
        columns[^1] = columns[^1] with { Mark = sql };
        return this;
    }

    /// <summary>The time of a mark.</summary>
    public Table<TRow> Mark(string name, MarkSql sql, Func<TRow, DateTimeOffset?> get)
    {
        Time(name, ColumnRole.Mark, get);
        columns[^1] = columns[^1] with { Mark = sql };
        return this;
    }

    /// <summary>What is no column, and what the marks of an update ask of the row that is written.</summary>
    internal Table<TRow> Told(string name, Func<TRow, bool> get)
    {
        told.Add(
            new Column<TRow, bool>(name, "boolean", ColumnRole.Mark, get, static (copy, value) => copy.Write(value)));
        return this;
    }

    /// <summary>Adds one statement for each kind of change that there is.</summary>
    internal void AddTo(Statements statements, RowSet<TRow> rows)
    {
        if (rows.Deleted.Count > 0)
            statements.Add(sql.Value.Delete, SqlValue.Of(rows.Deleted.ToArray()));
        Insert(statements, rows);
        Update(statements, rows.Updated);
    }

    /// <summary>For a table whose rows others refer to, and follow from.</summary>
    internal void Insert(Statements statements, RowSet<TRow> rows) =>
        AddTo(statements, sql.Value.Insert, rows.Inserted, given.Value.Insert);

    internal void Update(Statements statements, List<(int Key, TRow Row)> rows) =>
        AddTo(statements, sql.Value.Update, rows, given.Value.Update);

    /// <summary>Sends rows by COPY into a table that has these columns, but for generated ones.</summary>
    public async Task Copy(
        NpgsqlConnection connection, string into, IReadOnlyCollection<TRow> rows, CancellationToken cancel)
    {
        var sent = stored.Value;
        await using var copy = await CopyRows.Begin(connection, $"{into} ({Names(sent)})", sent.Count, cancel);
        foreach (var row in rows)
        {
            copy.Row();
            foreach (var column in sent)
                column.Write(copy, row);
            await copy.Send(cancel);
        }
        await copy.Complete(cancel);
    }

    private Table<TRow> Add<T>(
        string name,
        string sqlType,
        ColumnRole role,
        Func<TRow, T> get,
        Action<CopyRows, T> send)
    {
        columns.Add(new Column<TRow, T>(name, sqlType, role, get, send));
        return this;
    }

    private static void Text(CopyRows copy, string? value)
    {
        if (value is null)
            copy.Null();
        else
            copy.Write(value);
    }

    private static Action<CopyRows, T?> Maybe<T>(Action<CopyRows, T> send)
        where T : struct => (copy, value) =>
    {
        if (value is { } some)
            send(copy, some);
        else
            copy.Null();
    };

    private static void AddTo(
        Statements statements, Statement statement, List<(int Key, TRow Row)> rows, List<Column<TRow>> written)
    {
        if (rows.Count > 0)
            statements.Add(statement, [.. written.Select(column => column.Values(rows))]);
    }

    private string InsertSql()
    {
        var values = stored.Value.Select(column => column.Mark?.Insert ?? $"u.{column.Name}");
        var rows = $"SELECT {Unnest(given.Value.Insert)}";
        // Opened in the select list; the outer one is there for marks only, which name what is beside them.
        return stored.Value.Exists(column => column.Mark is not null)
            ? $"INSERT INTO {Name} ({Names(stored.Value)}) SELECT {string.Join(", ", values)} FROM ({rows}) AS u"
            : $"INSERT INTO {Name} ({Names(stored.Value)}) {rows}";
    }

    private string UpdateSql()
    {
        var assignments = stored.Value.Where(column => column.Role is not (ColumnRole.Key or ColumnRole.Fixed))
            .Select(column => $"{column.Name} = {column.Mark?.Update ?? $"u.{column.Name}"}");
        return $"UPDATE {Name} AS t SET {string.Join(", ", assignments)} FROM (SELECT {Unnest(given.Value.Update)}) "
            + $"AS u WHERE t.{Key.Name} = u.{Key.Name}";
    }

    private static string Names(IEnumerable<Column<TRow>> columns) => string.Join(", ", columns.Select(c => c.Name));

    private static string Unnest(IReadOnlyList<Column<TRow>> columns) =>
        string.Join(", ", columns.Select(c => $"unnest(?::{c.SqlType}[]) AS {c.Name}"));
}

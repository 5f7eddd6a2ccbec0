using Npgsql;
using NpgsqlTypes;

namespace Bifrost.Projections;

public enum ColumnRole
{
    /// <summary>Names the row.</summary>
    Key,

    /// <summary>Written when the row is made and never again.</summary>
    Fixed,

    /// <summary>Written whenever the row changes.</summary>
    Changing,
}

/// <summary>One column of a projected table: where its value comes from, and its type in PostgreSQL.</summary>
public abstract record Column<TRow>(string Name, NpgsqlDbType Type, string SqlType, ColumnRole Role)
{
    /// <summary>The values of this column in many rows, as one array parameter.</summary>
    internal abstract NpgsqlParameter Values(List<(int Key, TRow Row)> rows);

    /// <summary>The value as the row has it.</summary>
    public abstract object? Value(TRow row);

    /// <summary>The value as the table has it.</summary>
    public abstract object? Read(NpgsqlDataReader reader, int ordinal);
}

/// <summary>A column whose values are <typeparamref name="T"/> in C#.</summary>
public sealed record Column<TRow, T>(
    string Name, NpgsqlDbType Type, string SqlType, ColumnRole Role, Func<TRow, T> Get)
    : Column<TRow>(Name, Type, SqlType, Role)
{
    internal override NpgsqlParameter Values(List<(int Key, TRow Row)> rows)
    {
        var values = new T[rows.Count];
        for (var i = 0; i < values.Length; i++)
            values[i] = Get(rows[i].Row);
        return new NpgsqlParameter<T[]> { NpgsqlDbType = NpgsqlDbType.Array | Type, TypedValue = values };
    }

    public override object? Value(TRow row) => Get(row);

    public override object? Read(NpgsqlDataReader reader, int ordinal) =>
        reader.IsDBNull(ordinal) ? null : reader.GetFieldValue<T>(ordinal);
}

namespace Bifrost.Audit.History;

/// <summary>Numbers above the first and up to the second.</summary>
internal readonly record struct Between(long Above, long Through)
{
    public bool IsEmpty => Above >= Through;

    public long Count => Math.Max(Through - Above, 0);
}

/// <summary>Where all that is asked for lies.</summary>
/// <param name="Versions">Of the portfolio that is asked for.</param>
/// <param name="StreamVersions">Of the stream that is asked for.</param>
internal readonly record struct HistorySpan(Between Sequences, Between Versions, Between StreamVersions)
{
    public bool IsEmpty => Sequences.IsEmpty;
}

/// <summary>What gives the candidates of a page in order; the first ones are likely to give fewer.</summary>
internal enum HistoryWay
{
    Command,
    Correlation,
    Stream,
    Portfolio,
    Actor,
    Type,
    Log,
}

/// <summary>A statement and its values.</summary>
internal sealed record Statement(string Sql, IReadOnlyList<Npgsql.NpgsqlParameter> Values)
{
    public Npgsql.NpgsqlCommand On(Npgsql.NpgsqlConnection connection)
    {
        var command = new Npgsql.NpgsqlCommand(Sql, connection);
        foreach (var value in Values)
            command.Parameters.Add(value);
        return command;
    }
}

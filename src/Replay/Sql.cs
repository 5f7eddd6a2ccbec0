using Npgsql;

namespace Bifrost.Replay;

/// <summary>Statements that may take as long as they take.</summary>
internal static class Sql
{
    public static async Task<int> Run(NpgsqlConnection connection, string sql, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        return await command.ExecuteNonQueryAsync(cancel);
    }

    /// <param name="portfolios">$1.</param>
    public static async Task<int> Run(
        NpgsqlConnection connection, string sql, int[] portfolios, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        command.Parameters.Add(new NpgsqlParameter<int[]> { TypedValue = portfolios });
        return await command.ExecuteNonQueryAsync(cancel);
    }

    public static async Task<T> Scalar<T>(NpgsqlConnection connection, string sql, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        return (T)(await command.ExecuteScalarAsync(cancel))!;
    }

    public static async Task<List<T>> Column<T>(NpgsqlConnection connection, string sql, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var values = new List<T>();
        while (await reader.ReadAsync(cancel))
        {
            if (!reader.IsDBNull(0))
                values.Add(reader.GetFieldValue<T>(0));
        }
        return values;
    }
}

using Bifrost.MarketData.Bars;
using Npgsql;
using NpgsqlTypes;

namespace Bifrost.MarketData.Ingestion;

/// <summary>Bars into a table by binary COPY.</summary>
internal static class BarCopy
{
    public static async Task Write(
        NpgsqlConnection connection, string table, IReadOnlyList<Bar> bars, CancellationToken cancel)
    {
        await using var copy = await connection.BeginBinaryImportAsync(
            $"COPY {table} (symbol, time, open, high, low, close, volume, adj_close) FROM STDIN (FORMAT binary)",
            cancel);
        copy.Timeout = TimeSpan.FromMinutes(10);
        for (var i = 0; i < bars.Count; i++)
        {
            var bar = bars[i];
            await copy.StartRowAsync(cancel);
            await copy.WriteAsync(bar.Symbol, NpgsqlDbType.Varchar, cancel);
            await copy.WriteAsync(bar.Time, NpgsqlDbType.TimestampTz, cancel);
            await copy.WriteAsync(bar.Prices.Open, NpgsqlDbType.Numeric, cancel);
            await copy.WriteAsync(bar.Prices.High, NpgsqlDbType.Numeric, cancel);
            await copy.WriteAsync(bar.Prices.Low, NpgsqlDbType.Numeric, cancel);
            await copy.WriteAsync(bar.Prices.Close, NpgsqlDbType.Numeric, cancel);
            await copy.WriteAsync(bar.Volume, NpgsqlDbType.Bigint, cancel);
            if (bar.AdjClose is { } adjusted)
                await copy.WriteAsync(adjusted, NpgsqlDbType.Numeric, cancel);
            else
                await copy.WriteNullAsync(cancel);
        }
        await copy.CompleteAsync(cancel);
    }
}

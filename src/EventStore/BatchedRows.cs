using System.Runtime.CompilerServices;
using Npgsql;

namespace Bifrost.EventStore;

/// <summary>Rows as they come, many at a time, so that whoever takes them does not wait for each.</summary>
internal static class BatchedRows
{
    /// <param name="command">Disposed of with the last batch.</param>
    /// <param name="size">Rows of a batch; the last one may have fewer, and none is empty.</param>
    public static async IAsyncEnumerable<List<T>> ReadBatches<T>(
        this NpgsqlCommand command,
        Func<NpgsqlDataReader, T> row,
        int size,
        [EnumeratorCancellation] CancellationToken cancel)
    {
        await using var _ = command;
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var batch = new List<T>(size);
        while (await reader.ReadAsync(cancel))
        {
            batch.Add(row(reader));
            if (batch.Count < size)
                continue;
            yield return batch;
            batch = new List<T>(size);
        }
        if (batch.Count > 0)
            yield return batch;
    }
}

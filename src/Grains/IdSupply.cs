using Bifrost.Domain;
using Npgsql;

namespace Bifrost.Grains;

/// <summary>
/// Public ids, taken from the legacy tables' sequences in blocks, so that a decision needs no round trip. Blocks start
/// small and grow with demand; what a stopped process had left over is a gap, as with any sequence.
/// </summary>
/// <param name="database">Connections of the writer: others may take no ids, of which there are only so many.</param>
public sealed class IdSupply(NpgsqlDataSource database)
{
    private const int SmallestBlock = 16;
    private const int LargestBlock = 4096;

    private static readonly string[] Sequences =
    [
        "portfolio_portfolio_id_seq",
        "cash_balance_cash_balance_id_seq",
        "holding_holding_id_seq",
        "order_order_id_seq",
        "trade_trade_id_seq",
        "transaction_transaction_id_seq",
        "funding_funding_id_seq",
    ];

    private readonly Supply[] supplies = [.. Sequences.Select(sequence => new Supply(database, sequence))];

    /// <summary>The next id of a kind, unique over all processes.</summary>
    /// <exception cref="NpgsqlException">A block was needed and the database did not give it.</exception>
    public int Next(IdKind kind) => supplies[(int)kind].Next();

    private sealed class Supply(NpgsqlDataSource database, string sequence)
    {
        private readonly Queue<int> ids = new();
        private readonly Lock gate = new();
        private int block = SmallestBlock;
        private bool isFetching;

        public int Next()
        {
            lock (gate)
            {
                // Fetched ahead in the background; only the first block, and a burst that outruns it, wait here.
                if (ids.Count == 0)
                    Add(Fetch(block));
                else if (ids.Count <= block / 2 && !isFetching)
                    _ = FetchAhead();
                return ids.Dequeue();
            }
        }

        private async Task FetchAhead()
        {
            isFetching = true;
            var size = block;
            try
            {
                var fetched = await Task.Run(() => Fetch(size));
                lock (gate)
                    Add(fetched);
            }
            catch (NpgsqlException)
            {
                // The next taker finds the supply empty and meets the same failure where it can be answered.
            }
            finally
            {
                lock (gate)
                    isFetching = false;
            }
        }

        private void Add(int[] fetched)
        {
            foreach (var id in fetched)
                ids.Enqueue(id);
            block = Math.Min(block * 2, LargestBlock);
        }

        private int[] Fetch(int size)
        {
            using var command = database.CreateCommand(
                $"SELECT nextval('public.{sequence}')::integer FROM generate_series(1, $1)");
            command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = size });
            using var reader = command.ExecuteReader();
            var fetched = new int[size];
            for (var i = 0; reader.Read(); i++)
                fetched[i] = reader.GetInt32(0);
            return fetched;
        }
    }
}

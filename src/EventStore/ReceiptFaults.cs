using System.Runtime.CompilerServices;
using Npgsql;

namespace Bifrost.EventStore;

/// <summary>
/// Receipts that no command of the log left: whoever plants one has a command answered as done that never was.
/// </summary>
/// <remarks>
/// The keys of a command are its id, which its events name, and the ids that the business gives it, which are in what
/// its events say: src/Api names them where it takes a command. The words of an answer are not in the log.
/// </remarks>
public static class ReceiptFaults
{
    // As sets, so that a log of any length is read once; of one portfolio only its own part of the log.
    private const string Sql =
        """
        WITH told AS NOT MATERIALIZED (
            {told}
        ), named (command, key) AS (
            SELECT causation_id, 'client-order:' || (data ->> 'portfolioId') || ':' || (data ->> 'clientOrderId')
            FROM told WHERE type IN ('order_placed', 'order_rejected')
            UNION ALL
            SELECT causation_id, 'execution:' || (data ->> 'orderId') || ':' || (data ->> 'executionId')
            FROM told WHERE type = 'order_executed'
            UNION ALL
            SELECT causation_id, 'portfolio-execution:' || (data ->> 'portfolioId') || ':' || (data ->> 'executionId')
            FROM told WHERE type IN ('lot_opened', 'lots_matched') AND data ->> 'orderId' IS NULL
            UNION ALL
            SELECT causation_id, 'external:' || (data ->> 'portfolioId') || ':' || id
            FROM told CROSS JOIN LATERAL (VALUES
                (CASE WHEN type IN ('order_executed', 'lot_opened', 'lots_matched') THEN data ->> 'executionId' END),
                (data #>> '{corrected,executionId}'), (data ->> 'correctionId'), (data ->> 'externalId')
            ) AS external (id)
            WHERE id IS NOT NULL
        )
        SELECT coalesce(p.seq_id,
                   (SELECT q.seq_id FROM ledger.portfolio_event q
                    WHERE q.portfolio_id = r.portfolio_id AND q.version > r.portfolio_version
                    ORDER BY q.version LIMIT 1),
                   (SELECT max(seq_id) + 1 FROM events.mt_events),
                   0),
               r.key,
               CASE
                   WHEN e.seq_id IS NULL THEN 'names version ' || r.portfolio_version || ' of portfolio '
                       || r.portfolio_id || ', which the log does not have'
                   WHEN r.recorded_at <> e.timestamp THEN 'was recorded at another time than the event that it names'
                   ELSE 'names an event that another command recorded' END
        FROM ledger.command_receipt r
        LEFT JOIN ledger.portfolio_event p
            ON p.portfolio_id = r.portfolio_id AND p.version = r.portfolio_version
        LEFT JOIN events.mt_events e ON e.seq_id = p.seq_id
        LEFT JOIN named n ON n.key = r.key AND n.command = e.causation_id AND r.key <> e.causation_id
        WHERE {receipts}
            AND (e.seq_id IS NULL OR r.recorded_at <> e.timestamp
                OR (r.key IS DISTINCT FROM e.causation_id AND n.key IS NULL))
        ORDER BY 1, 2
        """;

    private static readonly string OfAll = Sql
        .Replace("{told}", "SELECT type, causation_id, data FROM events.mt_events", StringComparison.Ordinal)
        .Replace("{receipts}", "true", StringComparison.Ordinal);

    private static readonly string OfOne = Sql
        .Replace(
            "{told}",
            """
            SELECT e.type, e.causation_id, e.data
            FROM ledger.portfolio_event p JOIN events.mt_events e ON e.seq_id = p.seq_id WHERE p.portfolio_id = $1
            """,
            StringComparison.Ordinal)
        .Replace("{receipts}", "r.portfolio_id = $1", StringComparison.Ordinal);

    /// <param name="portfolioId">Only those of this portfolio; all where it is null.</param>
    /// <returns>
    /// The event that a receipt names, or where it would have to be, and what is wrong: a sentence without its full
    /// stop.
    /// </returns>
    public static async IAsyncEnumerable<(long Sequence, string Problem)> Read(
        NpgsqlConnection connection, int? portfolioId, [EnumeratorCancellation] CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(portfolioId is null ? OfAll : OfOne, connection)
        {
            CommandTimeout = 0,
        };
        if (portfolioId is { } one)
            command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = one });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
        {
            yield return (
                reader.GetInt64(0),
                $"the receipt '{reader.GetString(1)}' {reader.GetString(2)}: it was planted, or what it tells of is "
                + "gone");
        }
    }
}

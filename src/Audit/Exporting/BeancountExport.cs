using Bifrost.EventStore;
using Bifrost.Replay.Verifying;
using Npgsql;

namespace Bifrost.Audit.Exporting;

/// <summary>
/// A journal for Beancount, portfolio after portfolio, so that memory holds the lots of one at a time. Beancount puts
/// it in order by date itself.
/// </summary>
internal static class BeancountExport
{
    // With the multiplier of zero there is no tolerance: what does not balance to the last digit is an error.
    private const string Header =
        """
        ;; The journal of a Bifrost ledger. Dates are those on which events were recorded, in UTC.
        option "title" "Bifrost"
        option "inferred_tolerance_multiplier" "0"

        """;

    private const int EventsBetweenTelling = 1000;

    private const string Events =
        """
        SELECT portfolio_id, max(version) FROM ledger.portfolio_event
        WHERE $1 IS NULL OR portfolio_id = $1 GROUP BY 1 ORDER BY 1
        """;

    public static async Task Write(ExportRun run)
    {
        var text = new ExportText(run.Output, run.Cancel);
        text.Line(Header);
        var (slices, all) = await FindSlices(run);
        var (journal, id, isOver, done, commodities) =
            ((BeancountJournal?)null, 0, false, 0L, new HashSet<string>(StringComparer.Ordinal));
        foreach (var slice in slices)
        {
            await foreach (var (portfolioId, stored, problem) in
                EventLog.ReadHistories(run.Connection, slice, run.Cancel))
            {
                if (portfolioId != id)
                {
                    journal?.End();
                    (journal, id, isOver) = (
                        new BeancountJournal(portfolioId, run.Scope, text, commodities), portfolioId, false);
                }
                isOver = isOver || !journal!.Add(stored ?? throw problem!);
                await text.Send();
                if (++done % EventsBetweenTelling == 0)
                    run.Tell(done, all);
            }
        }
        journal?.End();
        await text.SendAll();
        run.Tell(done, all);
    }

    private static async Task<(List<int[]> Slices, long Events)> FindSlices(ExportRun run)
    {
        await using var command = new NpgsqlCommand(Events, run.Connection) { CommandTimeout = 0 };
        command.Parameters.Add(new NpgsqlParameter
        {
            NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Integer,
            Value = run.Scope.PortfolioId is { } id ? id : DBNull.Value,
        });
        await using var reader = await command.ExecuteReaderAsync(run.Cancel);
        var portfolios = new List<(int Id, long Events)>();
        while (await reader.ReadAsync(run.Cancel))
            portfolios.Add((reader.GetInt32(0), reader.GetInt64(1)));
        return ([.. Verification.Slices(portfolios)], portfolios.Sum(portfolio => portfolio.Events));
    }
}

using Bifrost.Domain.Portfolios;
using Bifrost.EventStore;
using Npgsql;

namespace Bifrost.Projections.Tests;

/// <summary>A portfolio that is opened, and trades, in one commit has the rows that many commits give it.</summary>
public sealed class OneCommitTests(TradedLedger traded, TestDatabase empty) : IClassFixture<TradedLedger>,
    IClassFixture<TestDatabase>
{
    [Fact]
    public async Task what_a_portfolio_is_worth_follows_from_holdings_that_are_written_with_it()
    {
        int[] portfolios = [traded.Busy, traded.Flat, traded.ShortSeller];
        await using var writer = NpgsqlDataSource.Create(
            ModuleRoles.As(ModuleRoles.LedgerWriter, empty.ConnectionString, ""));
        foreach (var portfolio in portfolios)
        {
            await using var commit = await CommitSession.Open(writer);
            commit.Session.QueueOperation(new WriteProjections([await History(portfolio)], static _ => false));
            await commit.Commit();
        }

        var worth = Worth(portfolios);
        var whole = await empty.Query<string>(worth);
        whole.ShouldBe(await traded.Database.Query<string>(worth));
        whole.Split(' ').Length.ShouldBe(3);
    }

    private async Task<RowChanges> History(int portfolio)
    {
        var changes = new RowChanges();
        Portfolio? state = null;
        await foreach (var stored in new EventLog(traded.Reads).ReadPortfolio(portfolio))
            state = changes.Fold(state, stored.Recorded);
        return changes;
    }

    private static string Worth(int[] portfolios) =>
        $"""
        SELECT string_agg(portfolio_id || ':' || current_value || ':' || cash_balance, ' ' ORDER BY portfolio_id)
        FROM portfolio WHERE portfolio_id IN ({string.Join(", ", portfolios)})
            AND current_value = cash_balance + coalesce(
                (SELECT sum(market_value) FROM holding h WHERE h.portfolio_id = portfolio.portfolio_id), 0)
        """;
}

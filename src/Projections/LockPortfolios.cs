using Bifrost.EventStore;

namespace Bifrost.Projections;

/// <summary>Takes the rows of portfolios, so that nobody values them while their holdings are written.</summary>
public sealed class LockPortfolios(int[] portfolios) : LedgerOperation
{
    private static readonly Statement Rows =
        new("SELECT FROM portfolio WHERE portfolio_id = ANY (?) ORDER BY portfolio_id FOR NO KEY UPDATE");

    protected override void AddTo(Statements statements) => statements.Add(Rows, SqlValue.Of(portfolios));
}

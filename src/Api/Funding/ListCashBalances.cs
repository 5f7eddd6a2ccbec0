using Bifrost.Api.Access;
using Bifrost.Api.Http;
using Bifrost.Projections.CashBalances;
using Dapper;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace Bifrost.Api.Funding;

/// <summary>A row of the cash_balance table: the cash of a portfolio in one currency, as it is.</summary>
public sealed record CashBalanceView
{
    public int CashBalanceId { get; init; }

    public int PortfolioId { get; init; }

    public decimal Balance { get; init; }

    /// <summary>
    /// Held back by open buys; null of the portfolio's own currency, of which the portfolio says it.
    /// </summary>
    public decimal? Reserved { get; init; }

    public string Currency { get; init; } = "";

    public DateTime BalanceDate { get; init; }

    public DateTime CreatedAt { get; init; }

    public DateTime UpdatedAt { get; init; }

    public static CashBalanceView Of(CashBalanceRow row) => new()
    {
        CashBalanceId = row.Account.CashBalanceId,
        PortfolioId = row.PortfolioId,
        Balance = row.Account.Balance,
        Reserved = row.Reserved,
        Currency = row.Currency,
        BalanceDate = row.Account.ChangedAt.UtcDateTime,
        CreatedAt = row.Account.OpenedAt.UtcDateTime,
        UpdatedAt = row.Account.RecordedAt.UtcDateTime,
    };
}

internal static class ListCashBalancesRoute
{
    private const string Sql =
        """
        SELECT cash_balance_id, portfolio_id, balance, reserved, currency, balance_date, created_at, updated_at
        FROM cash_balance WHERE portfolio_id = @portfolioId AND cash_balance_id > @after
        ORDER BY cash_balance_id LIMIT @take
        """;

    public static void Map(IEndpointRouteBuilder api) => api
        .MapGet("/portfolios/{portfolioId:int}/cash-balances", Handle)
        .OpenTo(AccessRule.ReadPortfolio).ReadsHistory()
        .WithName("ListCashBalances").WithTags("Funding").WithSummary("Lists cash by currency, now or as it was")
        .AddEndpointFilter<PortfolioExists>()
        .ProducesProblem(400).ProducesProblem(404);

    private static async Task<Results<Ok<Page<CashBalanceView>>, ProblemHttpResult>> Handle(
        int portfolioId,
        [AsParameters] Paging paging,
        [AsParameters] PastQuery at,
        NpgsqlDataSource database,
        PastReads pasts)
    {
        if (at.IsAsked)
        {
            var check = new Check(TimeProvider.System);
            var (past, problem) = await pasts.Find(portfolioId, at, check, CancellationToken.None);
            var byId = Cursors.ByNumber<CashBalanceView>(balance => balance.CashBalanceId);
            return past is null ? problem! : Pages.Of(
                CashBalanceRow.All(past.State).Select(CashBalanceView.Of), paging, byId, check);
        }
        var parameters = new DynamicParameters(new { portfolioId });
        return await Pages.Read<CashBalanceView>(database, paging, Sql, parameters, balance => balance.CashBalanceId);
    }
}

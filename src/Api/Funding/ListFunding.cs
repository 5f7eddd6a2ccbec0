using Bifrost.Api.Access;
using Bifrost.Api.Http;
using Dapper;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace Bifrost.Api.Funding;

/// <summary>A row of the funding table. The amount is what moved; the type says which way it went.</summary>
public sealed record FundingView
{
    public int FundingId { get; init; }

    public int PortfolioId { get; init; }

    public decimal Amount { get; init; }

    /// <summary>What the amount is in; null for the portfolio's own currency.</summary>
    public string? Currency { get; init; }

    /// <summary>Of an EXCHANGE: what was bought for the amount.</summary>
    public decimal? BoughtAmount { get; init; }

    /// <summary>What that is in; null for the portfolio's own currency.</summary>
    public string? BoughtCurrency { get; init; }

    /// <summary>The amount, and the tax that was withheld from it before it came.</summary>
    public decimal Gross { get; init; }

    public decimal Tax { get; init; }

    public string FundingType { get; init; } = "";

    public DateTime FundingDate { get; init; }

    public string? Description { get; init; }

    public string? Symbol { get; init; }

    /// <summary>The id that a bank or a broker gave it.</summary>
    public string? ExternalId { get; init; }

    /// <summary>The id of the correction that these terms are of, if it has one.</summary>
    public string? CorrectionId { get; init; }

    public DateTime CreatedAt { get; init; }
}

internal static class ListFundingRoute
{
    private const string Sql =
        """
        SELECT funding_id, portfolio_id, amount, amount + tax AS gross, tax, funding_type, funding_date, description,
               symbol, external_id, correction_id, created_at, currency, bought_amount, bought_currency
        FROM funding WHERE portfolio_id = @portfolioId AND funding_id > @after
        ORDER BY funding_id LIMIT @take
        """;

    public static void Map(IEndpointRouteBuilder api) => api.MapGet("/portfolios/{portfolioId:int}/funding", Handle)
        .OpenTo(AccessRule.ReadPortfolio)
        .WithName("ListFunding").WithTags("Funding").WithSummary("Lists what came and went without a trade")
        .AddEndpointFilter<OnlyPresent>().AddEndpointFilter<PortfolioExists>()
        .ProducesProblem(400).ProducesProblem(404);

    private static Task<Results<Ok<Page<FundingView>>, ProblemHttpResult>> Handle(
        int portfolioId, [AsParameters] Paging paging, NpgsqlDataSource database)
    {
        var parameters = new DynamicParameters(new { portfolioId });
        return Pages.Read<FundingView>(database, paging, Sql, parameters, funding => funding.FundingId);
    }
}

using Bifrost.Api.Access;
using Bifrost.Api.Http;
using Bifrost.Audit.Books;
using Bifrost.Domain;
using Bifrost.Replay.TimeTravel;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Bifrost.Api.Audit;

/// <summary>All accounts of a portfolio. Debits are above zero; each commodity sums to zero.</summary>
/// <param name="Sequence">The last event that is in it.</param>
public sealed record TrialBalanceView(
    int PortfolioId, long Sequence, IReadOnlyList<AccountView> Accounts, IReadOnlyDictionary<string, decimal> Totals)
{
    public static TrialBalanceView Of(TrialBalance balance) => new(
        balance.PortfolioId,
        balance.Sequence,
        [.. balance.Accounts.Select(a => new AccountView(a.Account, a.Commodity, a.Amount))],
        balance.Totals);
}

public sealed record AccountView(string Account, string Commodity, decimal Balance);

internal static class GetTrialBalanceRoute
{
    public static void Map(IEndpointRouteBuilder api) => api.MapGet("/audit/trial-balance", Handle)
        .OpenTo(AccessRule.AuditPortfolio)
        .LeavesAccessRecord().ReadsHistory()
        .WithName("GetTrialBalance").WithTags("Audit")
        .WithSummary("Sums the postings of a portfolio's events, all or until a moment")
        .ProducesProblem(400).ProducesProblem(404).ProducesProblem(503);

    private static async Task<Results<Ok<TrialBalanceView>, ProblemHttpResult>> Handle(
        int? portfolioId, [AsParameters] PastQuery at, PortfolioBooks books, CancellationToken cancel)
    {
        var check = new Check(TimeProvider.System);
        var (id, moment) = BooksQuery.Read(check, portfolioId, at);
        if (check.Failed)
            return check.Problem;
        return await books.ReadTrialBalance(id, moment, cancel) is { } balance
            ? TypedResults.Ok(TrialBalanceView.Of(balance))
            : BooksQuery.NotFound(id, moment);
    }
}

/// <summary>What is asked of a portfolio's books, and how it is answered where there are none.</summary>
public static class BooksQuery
{
    public static (int PortfolioId, Moment Moment) Read(Check check, int? portfolioId, PastQuery at)
    {
        var id = check.Id("portfolioId", portfolioId);
        var moment = at.Read(check);
        if (at.Effective is not null)
            check.Add("effective", "is not asked of postings, which are as they were recorded.");
        return (id, moment);
    }

    internal static ProblemHttpResult NotFound(int portfolioId, Moment moment) => Problems.Of(
        RejectionCode.PortfolioNotFound,
        moment == Moment.Now
            ? $"There is no portfolio {portfolioId}."
            : $"Nothing was known of a portfolio {portfolioId} then.");
}

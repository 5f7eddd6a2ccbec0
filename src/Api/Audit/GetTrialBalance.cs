using Bifrost.Api.Access;
using Bifrost.Api.Http;
using Bifrost.Domain;
using Bifrost.Domain.Portfolios;
using Bifrost.EventStore;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Bifrost.Api.Audit;

/// <summary>All accounts of a portfolio. Debits are above zero; each commodity sums to zero.</summary>
/// <param name="Sequence">The last event that is in it.</param>
public sealed record TrialBalanceView(
    int PortfolioId, long Sequence, IReadOnlyList<AccountView> Accounts, IReadOnlyDictionary<string, decimal> Totals);

public sealed record AccountView(string Account, string Commodity, decimal Balance);

internal static class GetTrialBalanceRoute
{
    public static void Map(IEndpointRouteBuilder api) => api.MapGet("/audit/trial-balance", Handle)
        .OpenTo(AccessRule.AuditPortfolio)
        .LeavesAccessRecord()
        .WithName("GetTrialBalance").WithTags("Audit")
        .WithSummary("Sums the postings of a portfolio's events, all or until a moment")
        .ProducesProblem(400).ProducesProblem(404);

    private static async Task<Results<Ok<TrialBalanceView>, ProblemHttpResult>> Handle(
        int? portfolioId, [AsParameters] PastQuery at, EventLog log, CancellationToken cancel)
    {
        var check = new Check(TimeProvider.System);
        var id = check.Id("portfolioId", portfolioId);
        var moment = at.Read(check);
        if (at.Effective is not null)
            check.Add("effective", "is not asked of postings, which are as they were recorded.");
        if (check.Failed)
            return check.Problem;
        var accounts = new SortedDictionary<(string Commodity, string Account), decimal>();
        var (sequence, currency) = (0L, default(Currency?));
        await foreach (var stored in log.ReadPortfolio(id, cancel: cancel))
        {
            if (!moment.Knows(stored.Sequence, stored.RecordedAt))
                break;
            currency ??= Currency.Of(((PortfolioOpened)stored.Data).Currency);
            foreach (var (account, commodity, amount) in Postings.Of(stored.Data, currency.Value))
                accounts[(commodity, account)] = accounts.GetValueOrDefault((commodity, account)) + amount;
            sequence = stored.Sequence;
        }
        if (currency is null)
            return Problems.Of(RejectionCode.PortfolioNotFound, $"There is no portfolio {id}.");
        return TypedResults.Ok(new TrialBalanceView(
            id,
            sequence,
            [.. accounts.Select(a => new AccountView(a.Key.Account, a.Key.Commodity, a.Value))],
            accounts.GroupBy(a => a.Key.Commodity).ToDictionary(g => g.Key, g => g.Sum(a => a.Value))));
    }
}

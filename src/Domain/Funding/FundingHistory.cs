using System.Collections.Immutable;

namespace Bifrost.Domain.Funding;

/// <summary>All cash that came or went without a trade, corrections applied, in the order of the record.</summary>
public sealed class FundingHistory
{
    private readonly Dictionary<int, FundingTerms?> terms = [];

    /// <param name="happened">The whole stream of the portfolio's funding, in order.</param>
    public static FundingHistory Of(IEnumerable<LedgerEvent> happened)
    {
        var history = new FundingHistory();
        foreach (var e in happened)
        {
            if (e is CashMoved moved)
                history.terms.Add(moved.FundingId, FundingTerms.Of(moved));
            else if (e is FundingRestated restated)
                history.terms[restated.FundingId] = restated.Corrected;
        }
        return history;
    }

    /// <summary>Whether something was booked under an id.</summary>
    /// <param name="standing">As it stands; null where it was reversed.</param>
    public bool TryGet(int fundingId, out FundingTerms? standing) => terms.TryGetValue(fundingId, out standing);

    /// <summary>Deposits on the date of the first one, had one of them other terms, or not been there.</summary>
    public (DateOnly? On, decimal Amount) InitialCapitalWith(int fundingId, FundingTerms? other)
    {
        var (on, amount) = ((DateOnly?)null, 0m);
        foreach (var (id, standing) in terms)
        {
            if ((id == fundingId ? other : standing) is not { Type: FundingType.DEPOSIT, Currency: null } deposit)
                continue;
            var date = DateOnly.FromDateTime(deposit.OccurredAt.UtcDateTime);
            on ??= date;
            amount += date == on ? deposit.Amount : 0;
        }
        return (on, amount);
    }
}

using System.Collections.Immutable;
using Bifrost.Domain.Funding;
using Bifrost.Domain.Holdings;

namespace Bifrost.Domain.Portfolios;

/// <summary>Cash in a currency that is not the portfolio's own.</summary>
public sealed record CashAccount
{
    public required int CashBalanceId { get; init; }

    public decimal Balance { get; init; }

    /// <summary>What open buys hold back.</summary>
    public decimal Reserved { get; init; }

    public required DateTimeOffset OpenedAt { get; init; }

    public required DateTimeOffset ChangedAt { get; init; }

    /// <summary>When the latest change was recorded.</summary>
    public DateTimeOffset RecordedAt { get; init; }
}

/// <summary>Cash that comes in one currency, or goes where the amount is below zero.</summary>
/// <param name="Currency">Its code; null for the portfolio's own.</param>
public sealed record CashMove(string? Currency, decimal Amount);

public static class CashMoves
{
    /// <summary>How an event moves cash, by currency: one of each at most, and none of nothing.</summary>
    public static ImmutableArray<CashMove> Of(LedgerEvent happened) => happened switch
    {
        CashMoved e => Sum(FundingTerms.Of(e).Moves),
        FundingRestated e => Sum([.. e.Was.Moves.Select(Back), .. e.Corrected?.Moves ?? []]),
        HoldingFilled { FeeCurrency: { } other } e =>
            Sum([new(e.Currency, e.CashAmount), new(other, -e.Commission - e.Tax)]),
        HoldingFilled e => Sum([new(e.Currency, e.CashAmount)]),
        HoldingRestated e => Sum([new(e.Currency, e.CashAmount), .. e.FeeMoves ?? []]),
        _ => [],
    };

    public static ImmutableArray<CashMove> Sum(ImmutableArray<CashMove> moves) => moves is [{ Amount: not 0 }]
        ? moves
        :
        [
            .. from move in moves
               group move.Amount by move.Currency into one
               let sum = one.Sum()
               where sum != 0
               select new CashMove(one.Key, sum),
        ];

    public static CashMove Back(CashMove move) => move with { Amount = -move.Amount };
}

public static class CashAccounts
{
    /// <summary>What opens the accounts that something needs and that are not there.</summary>
    /// <param name="currencies">Their codes; null for the portfolio's own.</param>
    public static ImmutableArray<LedgerEvent> Opening(
        Portfolio p, DateTimeOffset at, TakeId nextId, params ReadOnlySpan<string?> currencies)
    {
        ImmutableArray<LedgerEvent> opened = [];
        foreach (var currency in currencies)
        {
            if (currency is null || p.OtherCash.ContainsKey(currency)
                || opened.Any(e => ((CashAccountOpened)e).Currency == currency))
                continue;
            opened = opened.Add(new CashAccountOpened
            {
                PortfolioId = p.PortfolioId, OccurredAt = at, Currency = currency,
                CashBalanceId = nextId(IdKind.CashBalance),
            });
        }
        return opened;
    }

    /// <summary>Whether some account is below zero once these have moved, of those that they take from.</summary>
    public static bool? Overdraws(this Portfolio p, ImmutableArray<CashMove> moves) =>
        moves.Any(move => move.Amount < 0 && p.CashIn(move.Currency) + move.Amount < 0) ? true : null;
}

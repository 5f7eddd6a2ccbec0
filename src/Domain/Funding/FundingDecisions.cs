using Bifrost.Domain.Portfolios;

namespace Bifrost.Domain.Funding;

/// <summary>Cash that comes or goes without a trade. The amount is above zero; the type says which way.</summary>
public sealed record MoveCash : Command
{
    public required FundingType Type { get; init; }

    public required decimal Amount { get; init; }

    public string? Symbol { get; init; }

    public string? Description { get; init; }
}

public static class FundingDecisions
{
    // Arms are in order of precedence; the precedence test holds one row for each rejection.
    public static Decision Decide(Portfolio state, MoveCash command, Surroundings around) => command switch
    {
        _ when command.Amount != Money.ToCash(command.Amount, state.Currency) => Decision.Reject(
            RejectionCode.AmountTooPrecise,
            $"{state.Currency} is paid with {state.Currency.MinorUnit} decimals; {command.Amount} cannot be."),
        _ when !Money.Fits(state.Cash + Signed(command)) =>
            Decision.Reject(RejectionCode.AmountTooLarge, Money.LimitTold),
        { Type: FundingType.WITHDRAWAL } when command.Amount > state.BuyingPower && !state.AllowOverdraft =>
            Refuse(state, command, around),
        _ => Accept(state, Move(state, command, around)),
    };

    // A fee is a fact of whoever charged it: it may leave cash below zero, and then the answer says so.
    private static Decision Accept(Portfolio state, CashMoved moved) => Decision.Accept(
        new Effect
        {
            FundingId = moved.FundingId,
            Overdrawn = moved.CashAmount < 0 && state.Cash + moved.CashAmount < 0 ? true : null,
        },
        moved);

    private static decimal Signed(MoveCash command) =>
        command.Type is FundingType.WITHDRAWAL or FundingType.FEE ? -command.Amount : command.Amount;

    private static Decision Refuse(Portfolio state, MoveCash command, Surroundings around)
    {
        var reason = $"{state.BuyingPower} {state.Currency} can be withdrawn: "
            + $"{state.Cash} in cash less {state.ReservedCash} reserved by open orders.";
        var rejected = new WithdrawalRejected
        {
            PortfolioId = state.PortfolioId,
            OccurredAt = around.When(command),
            FundingId = around.NextId(IdKind.Funding),
            Amount = command.Amount,
            Description = command.Description,
            Code = RejectionCode.InsufficientCash,
            Reason = reason,
        };
        var effect = new Effect { FundingId = rejected.FundingId };
        return Decision.Reject(new Rejection(RejectionCode.InsufficientCash, reason), effect, rejected);
    }

    private static CashMoved Move(Portfolio state, MoveCash c, Surroundings around)
    {
        var at = around.When(c);
        var (p, id, amount) = (state.PortfolioId, around.NextId(IdKind.Funding), c.Amount);
        CashMoved moved = c.Type switch
        {
            FundingType.DEPOSIT =>
                new CashDeposited { PortfolioId = p, OccurredAt = at, FundingId = id, Amount = amount },
            FundingType.WITHDRAWAL =>
                new CashWithdrawn { PortfolioId = p, OccurredAt = at, FundingId = id, Amount = amount },
            FundingType.DIVIDEND =>
                new DividendReceived { PortfolioId = p, OccurredAt = at, FundingId = id, Amount = amount },
            FundingType.INTEREST =>
                new InterestReceived { PortfolioId = p, OccurredAt = at, FundingId = id, Amount = amount },
            FundingType.FEE =>
                new FeeCharged { PortfolioId = p, OccurredAt = at, FundingId = id, Amount = amount },
            _ => throw new ArgumentOutOfRangeException(nameof(c), c.Type, "Not a funding type."),
        };
        return moved with { Symbol = c.Symbol, Description = c.Description };
    }
}

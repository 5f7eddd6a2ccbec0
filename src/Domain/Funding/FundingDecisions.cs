using Bifrost.Domain.Portfolios;

namespace Bifrost.Domain.Funding;

/// <summary>Cash that comes or goes without a trade. The amount is what moves; the type says which way.</summary>
public sealed record MoveCash : Command
{
    public required FundingType Type { get; init; }

    /// <summary>Above zero; zero only where all of it was withheld.</summary>
    public required decimal Amount { get; init; }

    /// <summary>What was withheld as tax before the amount came.</summary>
    public decimal Tax { get; init; }

    public string? Symbol { get; init; }

    public string? Description { get; init; }

    /// <summary>The id that a bank or a broker gave it.</summary>
    public string? ExternalId { get; init; }
}

/// <summary>What came or went is known under other terms, or never did.</summary>
public abstract record AmendFunding : Command
{
    public required int FundingId { get; init; }

    /// <summary>The id that a bank or a broker gave the correction.</summary>
    public string? CorrectionId { get; init; }
}

/// <summary>Changes what is given; a member left null stays as it was.</summary>
public sealed record CorrectFunding : AmendFunding
{
    public FundingType? Type { get; init; }

    public decimal? Amount { get; init; }

    public decimal? Tax { get; init; }

    public string? Symbol { get; init; }

    public string? Description { get; init; }
}

public sealed record ReverseFunding : AmendFunding;

public static class FundingDecisions
{
    // Arms are in order of precedence; the precedence test holds one row for each rejection.
    public static Decision Decide(Portfolio state, MoveCash command, Surroundings around)
    {
        var terms = new FundingTerms(
            command.Type,
            command.Amount,
            command.Tax,
            command.Symbol,
            command.Description,
            command.ExternalId,
            around.When(command));
        return command switch
        {
            _ when TooPrecise(state, terms) is { } rejection => Decision.Reject(rejection.Code, rejection.Detail),
            _ when !Money.Fits(state.Cash + terms.CashAmount) || !Money.Fits(terms.Amount + terms.Tax) =>
                Decision.Reject(RejectionCode.AmountTooLarge, Money.LimitTold),
            { Type: FundingType.WITHDRAWAL } when command.Amount > state.BuyingPower && !state.AllowOverdraft =>
                Refuse(state, command, around),
            _ => Accept(state, terms.ToEvent(state.PortfolioId, around.NextId(IdKind.Funding))),
        };
    }

    /// <summary>
    /// Corrections and reversals: the difference is what is recorded. They are facts, and may leave cash below zero.
    /// </summary>
    public static Decision Decide(Portfolio state, AmendFunding command, Surroundings around)
    {
        var history = around.Funding!;
        if (!history.TryGet(command.FundingId, out var was))
            return Decision.Reject(RejectionCode.FundingNotFound, $"There is no funding {command.FundingId}.");
        if (was is null)
        {
            return command is ReverseFunding
                ? Decision.Accept(new Effect { FundingId = command.FundingId })
                : Decision.Reject(
                    RejectionCode.FundingAlreadyReversed, $"Funding {command.FundingId} was reversed: record it anew.");
        }
        var corrected = command is CorrectFunding c ? Change(was, c) : null;
        if (corrected == was)
            return Decision.Accept(new Effect { FundingId = command.FundingId });
        if (corrected is not null && Problem(state, was, corrected) is { } rejection)
            return Decision.Reject(rejection.Code, rejection.Detail);
        var (on, capital) = history.InitialCapitalWith(command.FundingId, corrected);
        var restated = new FundingRestated
        {
            PortfolioId = state.PortfolioId,
            OccurredAt = corrected?.OccurredAt ?? around.When(command),
            FundingId = command.FundingId,
            Was = was,
            Corrected = corrected,
            CorrectionId = command.CorrectionId,
            InitialCapital = capital,
            FirstDepositOn = on,
        };
        return Decision.Accept(
            new Effect
            {
                FundingId = command.FundingId,
                Overdrawn = restated.CashAmount < 0 && state.Cash + restated.CashAmount < 0 ? true : null,
            },
            restated);
    }

    private static FundingTerms Change(FundingTerms was, CorrectFunding c) => was with
    {
        Type = c.Type ?? was.Type,
        Amount = c.Amount ?? was.Amount,
        Tax = c.Tax ?? was.Tax,
        Symbol = c.Symbol ?? was.Symbol,
        Description = c.Description ?? was.Description,
        OccurredAt = c.OccurredAt ?? was.OccurredAt,
    };

    private static Rejection? Problem(Portfolio state, FundingTerms was, FundingTerms corrected)
    {
        if (TooPrecise(state, corrected) is { } rejection)
            return rejection;
        if (corrected.Tax > 0 && !corrected.Type.IsTaxed())
            return new Rejection(RejectionCode.FundingTermsDoNotFit, $"Nothing is withheld from a {corrected.Type}.");
        if (corrected is { Amount: 0, Tax: 0 })
            return new Rejection(RejectionCode.FundingTermsDoNotFit, "Nothing is left of it: reverse it instead.");
        return Money.Fits(state.Cash + corrected.CashAmount - was.CashAmount)
            && Money.Fits(corrected.Amount + corrected.Tax)
                ? null
                : new Rejection(RejectionCode.AmountTooLarge, Money.LimitTold);
    }

    private static Rejection? TooPrecise(Portfolio state, FundingTerms terms)
    {
        var wrong = terms.Amount != Money.ToCash(terms.Amount, state.Currency) ? terms.Amount
            : terms.Tax != Money.ToCash(terms.Tax, state.Currency) ? terms.Tax
            : (decimal?)null;
        return wrong is null
            ? null
            : new Rejection(
                RejectionCode.AmountTooPrecise,
                $"{state.Currency} is paid with {state.Currency.MinorUnit} decimals; {wrong} cannot be.");
    }

    // A fee is a fact of whoever charged it: it may leave cash below zero, and then the answer says so.
    private static Decision Accept(Portfolio state, CashMoved moved) => Decision.Accept(
        new Effect
        {
            FundingId = moved.FundingId,
            Overdrawn = moved.CashAmount < 0 && state.Cash + moved.CashAmount < 0 ? true : null,
        },
        moved);

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
}

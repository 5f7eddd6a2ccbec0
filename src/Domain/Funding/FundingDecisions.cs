using Bifrost.Domain.Portfolios;

namespace Bifrost.Domain.Funding;

/// <summary>Cash that comes or goes without a trade. The amount is what moves; the type says which way.</summary>
public sealed record MoveCash : Command
{
    public required FundingType Type { get; init; }

    /// <summary>Above zero; zero only where all of it was withheld.</summary>
    public required decimal Amount { get; init; }

    /// <summary>The code of what the amount is in; null for the portfolio's own currency.</summary>
    public string? Currency { get; init; }

    /// <summary>What an exchange brought; null of anything else.</summary>
    public CashMove? Bought { get; init; }

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

    public string? Currency { get; init; }

    public decimal? BoughtAmount { get; init; }

    public string? BoughtCurrency { get; init; }

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
            around.When(command))
        {
            Currency = state.ForeignCode(command.Currency),
            Bought = command.Bought is { } bought
                ? bought with { Currency = state.ForeignCode(bought.Currency) }
                : null,
        };
        return command switch
        {
            _ when Misfit(terms) is { } rejection => Decision.Reject(rejection.Code, rejection.Detail),
            _ when TooPrecise(state, terms) is { } rejection => Decision.Reject(rejection.Code, rejection.Detail),
            _ when !Fits(state, terms, null) => Decision.Reject(RejectionCode.AmountTooLarge, Money.LimitTold),
            { Type: FundingType.WITHDRAWAL } when !state.AllowOverdraft
                && Lack(state, terms, around) is { } lack => Refuse(state, command, lack, around),
            _ => Accept(state, terms, around),
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
        var corrected = command is CorrectFunding c ? Change(state, was, c) : null;
        if (corrected == was)
            return Decision.Accept(new Effect { FundingId = command.FundingId });
        if (corrected is not null && Problem(state, was, corrected) is { } rejection)
            return Decision.Reject(rejection.Code, rejection.Detail);
        var opening = CashAccounts.Opening(
            state, around.When(command), around.NextId, corrected?.Currency, corrected?.Bought?.Currency);
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
                Overdrawn = state.Overdraws(CashMoves.Of(restated)),
            },
            [.. opening, restated]);
    }

    private static FundingTerms Change(Portfolio state, FundingTerms was, CorrectFunding c) => was with
    {
        Currency = c.Currency is null ? was.Currency : state.ForeignCode(c.Currency),
        Bought = (c.BoughtAmount ?? was.Bought?.Amount) is { } bought
            ? new CashMove(
                c.BoughtCurrency is null ? was.Bought?.Currency : state.ForeignCode(c.BoughtCurrency), bought)
            : null,
        Type = c.Type ?? was.Type,
        Amount = c.Amount ?? was.Amount,
        Tax = c.Tax ?? was.Tax,
        Symbol = c.Symbol ?? was.Symbol,
        Description = c.Description ?? was.Description,
        OccurredAt = c.OccurredAt ?? was.OccurredAt,
    };

    private static Rejection? Problem(Portfolio state, FundingTerms was, FundingTerms corrected)
    {
        if ((Misfit(corrected) ?? TooPrecise(state, corrected)) is { } rejection)
            return rejection;
        if (corrected.Tax > 0 && !corrected.Type.IsTaxed())
            return new Rejection(RejectionCode.FundingTermsDoNotFit, $"Nothing is withheld from a {corrected.Type}.");
        if (corrected is { Amount: 0, Tax: 0 })
            return new Rejection(RejectionCode.FundingTermsDoNotFit, "Nothing is left of it: reverse it instead.");
        return Fits(state, corrected, was) ? null : new Rejection(RejectionCode.AmountTooLarge, Money.LimitTold);
    }

    // Nobody takes out a currency that is not there, whatever others are worth.
    private static string? Lack(Portfolio state, FundingTerms terms, Surroundings around) =>
        terms.Currency is { } other && terms.Amount > state.FreeIn(other)
            ? $"{state.FreeIn(other)} {other} are free."
            : BuyingPower.LackFor(state, terms.Currency, terms.Amount, around);

    private static Rejection? Misfit(FundingTerms terms) => terms switch
    {
        { Type: FundingType.EXCHANGE, Bought: null } => new Rejection(
            RejectionCode.FundingTermsDoNotFit, "An exchange says what was bought: boughtAmount and boughtCurrency."),
        { Type: FundingType.EXCHANGE, Bought: var bought } when bought.Currency == terms.Currency => new Rejection(
            RejectionCode.FundingTermsDoNotFit, "An exchange is of two currencies."),
        { Type: not FundingType.EXCHANGE, Bought: not null } => new Rejection(
            RejectionCode.FundingTermsDoNotFit, $"Nothing is bought by a {terms.Type}: that is an EXCHANGE."),
        _ => null,
    };

    private static bool Fits(Portfolio state, FundingTerms terms, FundingTerms? was) =>
        Money.Fits(terms.Amount + terms.Tax)
        && CashMoves.Sum([.. terms.Moves, .. was?.Moves.Select(CashMoves.Back) ?? []])
            .All(move => Money.Fits(state.CashIn(move.Currency) + move.Amount));

    private static Rejection? TooPrecise(Portfolio state, FundingTerms terms)
    {
        return Money.TooPrecise(terms.Amount, state.CurrencyOf(terms.Currency))
            ?? Money.TooPrecise(terms.Tax, state.CurrencyOf(terms.Currency))
            ?? (terms.Bought is { } bought
                ? Money.TooPrecise(bought.Amount, state.CurrencyOf(bought.Currency))
                : null);
    }

    // A fee is a fact of whoever charged it: it may leave cash below zero, and then the answer says so.
    private static Decision Accept(Portfolio state, FundingTerms terms, Surroundings around)
    {
        var moved = terms.ToEvent(state.PortfolioId, around.NextId(IdKind.Funding));
        var opening = CashAccounts.Opening(
            state, terms.OccurredAt, around.NextId, terms.Currency, terms.Bought?.Currency);
        return Decision.Accept(
            new Effect { FundingId = moved.FundingId, Overdrawn = state.Overdraws(CashMoves.Of(moved)) },
            [.. opening, moved]);
    }

    private static Decision Refuse(Portfolio state, MoveCash command, string lack, Surroundings around)
    {
        var reason = $"{command.Amount} {state.CurrencyOf(command.Currency)} would be withdrawn: {lack}";
        var rejected = new WithdrawalRejected
        {
            PortfolioId = state.PortfolioId,
            OccurredAt = around.When(command),
            FundingId = around.NextId(IdKind.Funding),
            Amount = command.Amount,
            Currency = state.ForeignCode(command.Currency),
            Description = command.Description,
            Code = RejectionCode.InsufficientCash,
            Reason = reason,
        };
        var effect = new Effect { FundingId = rejected.FundingId };
        return Decision.Reject(new Rejection(RejectionCode.InsufficientCash, reason), effect, rejected);
    }
}

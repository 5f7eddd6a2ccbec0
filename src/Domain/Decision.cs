using System.Collections.Immutable;

namespace Bifrost.Domain;

/// <summary>Public numbers: append, never renumber. Each has a heading in docs/errors.md.</summary>
public enum RejectionCode
{
    PortfolioNotFound = 1,
    OrderNotFound = 2,
    ExecutionNotFound = 3,
    PortfolioClosed = 4,
    PortfolioNotEmpty = 5,
    PortfolioNameTaken = 6,
    InsufficientBuyingPower = 7,
    InsufficientShares = 8,
    InsufficientCash = 9,
    LotsDoNotFit = 10,
    OrderNotWorking = 11,
    ExecutionTooLarge = 12,
    ExecutionIdReused = 13,
    ClientOrderIdReused = 14,
    IdempotencyKeyReused = 15,
    VersionMismatch = 16,
    ReplacementTooSmall = 17,
    AmountTooLarge = 18,
    OrderTermsDoNotFit = 19,
    ExecutionAlreadyBusted = 20,
    AmountTooPrecise = 21,
    NothingToSplit = 22,
    SplitDiffers = 23,
    AmountContradicts = 24,
    FeeTakesAll = 25,
    FundingNotFound = 26,
    FundingAlreadyReversed = 27,
    FundingTermsDoNotFit = 28,
    PriceNotPositive = 29,
    TooManyDecimals = 30,
    CurrencyNotKept = 31,
    CurrencyDiffers = 32,
}

/// <summary>Why a command was refused; <paramref name="Detail"/> is a sentence for the caller.</summary>
public sealed record Rejection(RejectionCode Code, string Detail);

/// <summary>What a command did, in the words of its answer. Stored with the command's receipt.</summary>
public sealed record Effect
{
    public static readonly Effect None = new();

    public int? OrderId { get; init; }

    public int? FundingId { get; init; }

    public int? TransactionId { get; init; }

    public string? Status { get; init; }

    /// <summary>Set where a fact that cannot be refused left cash below zero.</summary>
    public bool? Overdrawn { get; init; }

    /// <summary>Set where a fact that cannot be refused sold more than was held.</summary>
    public bool? Oversold { get; init; }

    /// <summary>Set where the fills of an order are more than it was for.</summary>
    public bool? Overfilled { get; init; }

    /// <summary>Set where a fill came for an order that had been cancelled or had expired.</summary>
    public bool? AfterEnd { get; init; }
}

/// <summary>The answer of a decision: facts to record, and what to tell the caller.</summary>
public abstract record Decision
{
    private Decision()
    {
    }

    /// <summary>Accepted with no events means that it already took effect.</summary>
    public sealed record Accepted(ImmutableArray<LedgerEvent> Events, Effect Effect) : Decision;

    /// <summary>Refused. The events, if any, put the refusal on the record.</summary>
    public sealed record Rejected(Rejection Rejection, ImmutableArray<LedgerEvent> OnRecord, Effect Effect) : Decision;

    public static Decision Accept(Effect effect, params ReadOnlySpan<LedgerEvent> events) =>
        new Accepted([.. events], effect);

    public static Decision Reject(RejectionCode code, string detail) =>
        new Rejected(new Rejection(code, detail), [], Effect.None);

    public static Decision Reject(Rejection rejection, Effect effect, LedgerEvent onRecord) =>
        new Rejected(rejection, [onRecord], effect);
}

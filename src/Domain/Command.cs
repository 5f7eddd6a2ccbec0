using Bifrost.Domain.Funding;
using Bifrost.Domain.Holdings;
using Bifrost.Domain.Instruments;
using Bifrost.Domain.Portfolios;

namespace Bifrost.Domain;

/// <summary>
/// A wish of a caller, checked for shape; whether it may be is decided against the portfolio's state.
/// </summary>
public abstract record Command
{
    /// <summary>When it happened, in UTC, if the caller said so.</summary>
    public DateTimeOffset? OccurredAt { get; init; }
}

/// <summary>A command about one order.</summary>
public abstract record OrderCommand : Command
{
    public required int OrderId { get; init; }
}

public enum IdKind
{
    Portfolio,
    CashBalance,
    Holding,
    Order,
    Trade,
    Transaction,
    Funding,
}

/// <summary>
/// Takes the next public id of a kind. Ids are recorded in the events, so a rebuild gives the same ones.
/// </summary>
public delegate int TakeId(IdKind kind);

/// <summary>What a symbol stands for, as far as anybody has said.</summary>
/// <param name="symbol">A primary name.</param>
public delegate Instrument InstrumentOf(string symbol);

/// <summary>What a decision may know beside state and command: the time, and where ids come from.</summary>
public readonly record struct Surroundings(DateTimeOffset Now, TakeId NextId)
{
    /// <summary>
    /// The history of a holding, for the commands that <see cref="PortfolioDecisions.NeedsHistoryOf"/> says need it.
    /// </summary>
    public HoldingHistory? History { get; init; }

    /// <summary>The history of the portfolio's funding, for the commands that amend it.</summary>
    public FundingHistory? Funding { get; init; }

    /// <summary>What symbols stand for; null where nobody has described any.</summary>
    public InstrumentOf? Instruments { get; init; }

    /// <summary>Rates of now; null where none are known.</summary>
    public RateOf? Rates { get; init; }

    public Instrument InstrumentOf(string symbol) =>
        Instruments is { } known ? known(symbol) : Instrument.Undescribed(symbol);

    public DateTimeOffset When(Command command) => command.OccurredAt ?? Now;
}

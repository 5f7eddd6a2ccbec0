using System.Collections.Immutable;

namespace Bifrost.Domain.Tests;

/// <summary>Where a story begins: an open portfolio, funded if so wished.</summary>
internal static class Given
{
    public static readonly DateTimeOffset Opening = new(2026, 3, 2, 14, 30, 0, TimeSpan.Zero);

    public static Ledger Portfolio(
        LotMethod method = LotMethod.FIFO,
        decimal cash = 0,
        bool allowShort = false,
        bool allowOverdraft = false,
        string currency = "USD",
        InstrumentOf? instruments = null,
        RateOf? rates = null)
    {
        var ledger = new Ledger { Instruments = instruments, Rates = rates }.And(new OpenPortfolio
        {
            PortfolioId = 1,
            UserId = 7,
            Name = "Growth",
            Currency = Currency.Of(currency),
            LotMethod = method,
            AllowShort = allowShort,
            AllowOverdraft = allowOverdraft,
        });
        return cash == 0 ? ledger : ledger.And(Do.Deposit(cash));
    }

    public static Ledger Nothing() => new();
}

/// <summary>
/// One portfolio as its writer would run it: decides with a clock that goes a minute per command and counted ids, and
/// evolves what was decided.
/// </summary>
internal sealed class Ledger
{
    private readonly Dictionary<IdKind, int> ids = [];
    private readonly List<Recorded> history = [];
    private Portfolio? state;
    private Decision? decision;

    /// <summary>What symbols stand for; where nobody has said, shares.</summary>
    public InstrumentOf? Instruments { get; init; }

    /// <summary>Rates of now; none where nobody has told any.</summary>
    public RateOf? Rates { get; init; }

    public Portfolio State => state ?? throw new InvalidOperationException("No portfolio was opened.");

    public IReadOnlyList<Recorded> History => history;

    public IEnumerable<LedgerEvent> Events => history.Select(recorded => recorded.Event);

    public DateTimeOffset Now { get; private set; } = Given.Opening;

    /// <summary>The events of the latest command, those of a refusal on the record included.</summary>
    public ImmutableArray<LedgerEvent> Decided { get; private set; } = [];

    public Rejection? Rejection => (decision as Decision.Rejected)?.Rejection;

    public Effect Effect => decision switch
    {
        Decision.Accepted accepted => accepted.Effect,
        Decision.Rejected rejected => rejected.Effect,
        _ => throw new InvalidOperationException("Nothing was decided yet."),
    };

    public Ledger When(Command command)
    {
        Now += TimeSpan.FromMinutes(1);
        decision = PortfolioDecisions.Decide(state, command, new Surroundings(Now, NextId)
        {
            History = state is not null && PortfolioDecisions.NeedsHistoryOf(state, command, Now) is { } symbol
                ? HistoryOf(symbol)
                : null,
            Funding = command is AmendFunding ? FundingHistory.Of(Events) : null,
            Instruments = Instruments,
            Rates = Rates,
        });
        Decided = decision switch
        {
            Decision.Accepted accepted => accepted.Events,
            Decision.Rejected rejected => rejected.OnRecord,
            _ => throw new InvalidOperationException("A decision is accepted or rejected."),
        };
        foreach (var happened in Decided)
        {
            state = Portfolio.Evolve(state, new Recorded(happened, Now));
            history.Add(new Recorded(happened, Now));
        }
        return this;
    }

    /// <summary>As <see cref="When"/>, for what the story takes for granted: it must be accepted.</summary>
    public Ledger And(params ReadOnlySpan<Command> commands)
    {
        foreach (var command in commands)
            When(command).Rejection.ShouldBeNull();
        return this;
    }

    /// <summary>What the postings of all events come to, by account.</summary>
    public Dictionary<string, decimal> Balances() => Events
        .SelectMany(happened => Postings.Of(happened, State.Currency))
        .GroupBy(posting => posting.Account)
        .ToDictionary(account => account.Key, account => account.Sum(posting => posting.Amount));

    public Holding Holding(string symbol = "ORCL") => State.Holdings[symbol];

    public Order Order(int orderId = 1) => State.Orders[orderId];

    public HoldingHistory HistoryOf(string symbol)
    {
        var happened = Events.OfType<HoldingEvent>().Where(e => e.Symbol == symbol);
        var versions = Events.OfType<TradeEvent>().GroupBy(e => e.TradeId);
        return HoldingHistory.Of(happened, versions.ToImmutableDictionary(g => g.Key, g => g.LongCount()));
    }

    private int NextId(IdKind kind) => ids[kind] = ids.GetValueOrDefault(kind) + 1;
}

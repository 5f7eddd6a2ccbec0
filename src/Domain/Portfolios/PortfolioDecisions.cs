using Bifrost.Domain.Funding;
using Bifrost.Domain.Holdings;
using Bifrost.Domain.Orders;

namespace Bifrost.Domain.Portfolios;

/// <summary>The decider of a portfolio: a pure function from state and command to facts.</summary>
public static class PortfolioDecisions
{
    public static Decision Decide(Portfolio? state, Command command, Surroundings around)
    {
        var decision = Choose(state, command, around);
        return state is not null && decision is Decision.Accepted accepted && !Capacity.Holds(state, accepted.Events)
            ? Decision.Reject(RejectionCode.AmountTooLarge, Money.LimitTold)
            : decision;
    }

    /// <summary>
    /// The symbol whose history a command has to be decided with, because it changes what was booked, or comes before
    /// a split that was; null where the state is enough.
    /// </summary>
    /// <param name="now">The time at which it will be decided.</param>
    public static string? NeedsHistoryOf(Portfolio p, Command command, DateTimeOffset now)
    {
        var symbol = command switch
        {
            OrderCommand c and (AmendExecution or ExecuteOrder) => p.Orders.GetValueOrDefault(c.OrderId)?.Symbol,
            SplitShares c => c.Symbol,
            RecordExecution c => c.Symbol,
            AmendRecorded c => c.Symbol,
            _ => null,
        };
        if (symbol is null || !p.Holdings.TryGetValue(symbol, out var holding))
            return null;
        var isAmendment = command is AmendExecution or AmendRecorded or SplitShares;
        return isAmendment || holding.IsBeforeSplit(command.OccurredAt ?? now) ? symbol : null;
    }

    private static Decision Choose(Portfolio? state, Command command, Surroundings around) => (state, command) switch
    {
        (null, OpenPortfolio c) => Open(c, around),
        (null, _) => Decision.Reject(RejectionCode.PortfolioNotFound, "There is no such portfolio."),
        ({ } p, ClosePortfolio c) => Close(p, c, around),
        ({ IsActive: false }, _) => Decision.Reject(RejectionCode.PortfolioClosed, "The portfolio is closed."),
        ({ } p, ChangePortfolio c) => Change(p, c, around),
        ({ } p, MoveCash c) => FundingDecisions.Decide(p, c, around),
        ({ } p, AmendFunding c) => FundingDecisions.Decide(p, c, around),
        ({ } p, AmendRecorded c) => AmendmentDecisions.Decide(p, c, around),
        ({ } p, PlaceOrder c) => OrderDecisions.Place(p, c, around),
        ({ } p, OrderCommand c) => OrderDecisions.Decide(p, c, around),
        ({ } p, RecordExecution c) => ExecutionDecisions.Record(p, c, around),
        ({ } p, SplitShares c) => SplitDecisions.Decide(p, c, around),
        _ => throw new InvalidOperationException($"{command.GetType().Name} is not a command to a portfolio."),
    };

    private static Decision Open(OpenPortfolio c, Surroundings around) => Decision.Accept(
        Effect.None,
        new PortfolioOpened
        {
            PortfolioId = c.PortfolioId,
            OccurredAt = around.When(c),
            UserId = c.UserId,
            Name = c.Name,
            Description = c.Description,
            Currency = c.Currency.Code,
            LotMethod = c.LotMethod,
            AllowShort = c.AllowShort,
            AllowOverdraft = c.AllowOverdraft,
            CurrencyHaircut = c.CurrencyHaircut == 0 ? null : c.CurrencyHaircut,
            CashBalanceId = around.NextId(IdKind.CashBalance),
        });

    private static Decision Change(Portfolio p, ChangePortfolio c, Surroundings around)
    {
        var at = around.When(c);
        var events = new List<LedgerEvent>();
        var (name, description) = (c.Name ?? p.Name, c.Description ?? p.Description);
        if (name != p.Name || description != p.Description)
        {
            events.Add(new PortfolioRenamed
            {
                PortfolioId = p.PortfolioId, OccurredAt = at, Name = name, Description = description,
            });
        }
        var settings = new PortfolioSettingsChanged
        {
            PortfolioId = p.PortfolioId,
            OccurredAt = at,
            LotMethod = c.LotMethod ?? p.LotMethod,
            AllowShort = c.AllowShort ?? p.AllowShort,
            AllowOverdraft = c.AllowOverdraft ?? p.AllowOverdraft,
            CurrencyHaircut = (c.CurrencyHaircut ?? p.CurrencyHaircut) is not 0 and var haircut ? haircut : null,
        };
        if ((settings.LotMethod, settings.AllowShort, settings.AllowOverdraft, settings.CurrencyHaircut ?? 0)
            != (p.LotMethod, p.AllowShort, p.AllowOverdraft, p.CurrencyHaircut))
        {
            events.Add(settings);
        }
        if (settings.LotMethod == LotMethod.AVERAGE)
            events.AddRange(Pool(p, at));
        return Decision.Accept(Effect.None, [.. events]);
    }

    private static IEnumerable<LedgerEvent> Pool(Portfolio p, DateTimeOffset at) =>
        from holding in p.Holdings.Values
        where holding.Lots.Count > 1
        orderby holding.Symbol
        select new LotsPooled
        {
            PortfolioId = p.PortfolioId, OccurredAt = at, HoldingId = holding.HoldingId, Symbol = holding.Symbol,
            Currency = holding.Currency,
        };

    private static Decision Close(Portfolio p, ClosePortfolio c, Surroundings around)
    {
        if (!p.IsActive)
            return Decision.Accept(Effect.None);
        var open = p.Orders.Values.Count(order => order.IsWorking);
        var held = p.Holdings.Values.Count(holding => holding.Quantity != 0);
        var left = p.OtherCash.Where(other => other.Value.Balance != 0).OrderBy(other => other.Key)
            .Select(other => $"{other.Value.Balance} {other.Key}");
        var cash = string.Join(", ", left.Prepend($"{p.Cash} {p.Currency}"));
        return (open, held, p.Cash) == (0, 0, 0) && !left.Any()
            ? Decision.Accept(
                Effect.None,
                new PortfolioClosed { PortfolioId = p.PortfolioId, OccurredAt = around.When(c) })
            : Decision.Reject(
                RejectionCode.PortfolioNotEmpty,
                $"{open} open orders, {held} holdings and {cash} are left: "
                + "cancel, sell and withdraw first.");
    }
}

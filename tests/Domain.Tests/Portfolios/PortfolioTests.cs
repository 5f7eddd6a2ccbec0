namespace Bifrost.Domain.Tests;

public sealed class PortfolioTests
{
    [Fact]
    public void opening_records_the_terms_and_a_cash_balance_id() =>
        Given.Nothing().When(new OpenPortfolio
        {
            PortfolioId = 4,
            UserId = 7,
            Name = "Growth",
            Currency = Currency.Of("EUR"),
            LotMethod = LotMethod.LIFO,
            AllowShort = true,
        }).ThenIs(new PortfolioOpened
        {
            PortfolioId = 4,
            OccurredAt = Given.Opening.AddMinutes(1),
            UserId = 7,
            Name = "Growth",
            Currency = "EUR",
            LotMethod = LotMethod.LIFO,
            AllowShort = true,
            AllowOverdraft = false,
            CashBalanceId = 1,
        });

    [Fact]
    public void a_portfolio_that_is_open_cannot_be_opened_again() =>
        Should.Throw<InvalidOperationException>(() => Given.Portfolio().When(new OpenPortfolio
        {
            PortfolioId = 1,
            UserId = 7,
            Name = "Twice",
            Currency = Currency.Of("USD"),
            LotMethod = LotMethod.FIFO,
        }));

    [Fact]
    public void renaming_keeps_what_is_not_given() =>
        Given.Portfolio().And(new ChangePortfolio { Description = "Long term" })
            .When(new ChangePortfolio { Name = "Income" })
            .ThenOnly<PortfolioRenamed>(e => (e.Name, e.Description).ShouldBe(("Income", "Long term")));

    [Fact]
    public void a_change_to_what_already_is_changes_nothing() =>
        Given.Portfolio().When(new ChangePortfolio { Name = "Growth", LotMethod = LotMethod.FIFO, AllowShort = false })
            .ThenNothing();

    [Fact]
    public void settings_change_together_in_one_event() =>
        Given.Portfolio().When(new ChangePortfolio { LotMethod = LotMethod.HIFO, AllowOverdraft = true })
            .ThenOnly<PortfolioSettingsChanged>(e =>
                (e.LotMethod, e.AllowShort, e.AllowOverdraft).ShouldBe((LotMethod.HIFO, false, true)));

    [Fact]
    public void an_empty_portfolio_closes_and_closing_again_changes_nothing() =>
        Given.Portfolio().When(new ClosePortfolio()).ThenTypes(typeof(PortfolioClosed))
            .When(new ClosePortfolio()).ThenNothing();

    [Fact]
    public void cash_alone_keeps_a_portfolio_open() =>
        Given.Portfolio(cash: 0.01m).When(new ClosePortfolio()).ThenRejected(RejectionCode.PortfolioNotEmpty);

    [Fact]
    public void a_holding_alone_keeps_a_portfolio_open() =>
        Given.Portfolio(cash: 10).And(Do.Buy(1, 10)).When(new ClosePortfolio())
            .ThenRejected(RejectionCode.PortfolioNotEmpty);

    [Fact]
    public void a_working_order_alone_keeps_a_portfolio_open() =>
        Given.Portfolio().And(Do.Market(OrderSide.BUY, 1)).When(new ClosePortfolio())
            .ThenRejected(RejectionCode.PortfolioNotEmpty);

    [Fact]
    public void a_portfolio_whose_holdings_are_flat_and_orders_ended_closes() =>
        Given.Portfolio(cash: 100)
            .And(Do.Buy(10, 10), Do.Sell(10, 12), Do.Market(OrderSide.BUY, 1), Do.Cancel(), Do.Withdraw(120))
            .When(new ClosePortfolio()).ThenTypes(typeof(PortfolioClosed));

    [Fact]
    public void what_happened_before_it_was_reported_keeps_its_own_time()
    {
        var at = Given.Opening.AddDays(-3);
        Given.Portfolio().When(Do.Deposit(5) with { OccurredAt = at })
            .ThenOnly<CashDeposited>(e => e.OccurredAt.ShouldBe(at));
    }

    [Fact]
    public void history_that_cannot_be_stops_the_portfolio()
    {
        var opened = Given.Portfolio().History[0];
        var open = Portfolio.Evolve(null, opened);
        Should.Throw<InvalidHistoryException>(() => Portfolio.Evolve(open, opened));
        var closed = new Recorded(new PortfolioClosed { PortfolioId = 1, OccurredAt = Given.Opening }, Given.Opening);
        Should.Throw<InvalidHistoryException>(() => Portfolio.Evolve(null, closed));
        Should.Throw<InvalidHistoryException>(() => Portfolio.Evolve(Portfolio.Evolve(open, closed), closed));
    }
}

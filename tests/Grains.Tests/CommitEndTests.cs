namespace Bifrost.Grains.Tests;

/// <summary>PostgreSQL may refuse a transaction at its very end, when all of its statements were answered.</summary>
public sealed class CommitEndTests(TwoLedgers two) : IClassFixture<TwoLedgers>
{
    [Fact]
    public async Task a_commit_that_fails_at_its_very_end_is_not_answered_as_if_it_were_there()
    {
        var portfolio = await two.One.OpenPortfolio(cash: 10m);
        await FailAtTheEnd("23514", $"NEW.portfolio_id = {portfolio}");

        await Should.ThrowAsync<PortfolioFaultException>(() => two.One.Deposit(portfolio, 1m));

        two.One.Commits.Failure.ShouldNotBeNull().Reason.ShouldContain("refused at the end");
        await two.Database.Query<object>("DROP TRIGGER at_the_end ON ledger.command_receipt; SELECT 1");
        (await two.One.Deposit(portfolio, 2m)).PortfolioVersion.ShouldBe(3);
        two.One.Commits.Failure.ShouldBeNull();
        (await Cash(portfolio)).ShouldBe(12m);
        await two.ShouldEqualItsReplay();
    }

    // As it answers where its queue of notifications is full.
    [Fact]
    public async Task a_commit_that_has_no_room_for_its_notification_is_made_without()
    {
        var portfolio = await two.One.OpenPortfolio(cash: 10m);
        await two.Database.Query<object>(
            "CREATE SEQUENCE public.tries; GRANT USAGE ON SEQUENCE tries TO PUBLIC; SELECT 1");
        await FailAtTheEnd("54000", $"NEW.portfolio_id = {portfolio} AND nextval('public.tries') = 1");

        (await two.One.Deposit(portfolio, 1m)).PortfolioVersion.ShouldBe(3);
        (await two.One.Deposit(portfolio, 1m)).PortfolioVersion.ShouldBe(4);

        await two.Database.Query<object>("DROP TRIGGER at_the_end ON ledger.command_receipt; SELECT 1");
        two.One.Commits.Failure.ShouldBeNull();
        (await Cash(portfolio)).ShouldBe(12m);
    }

    private async Task FailAtTheEnd(string state, string when) => await two.Database.Query<object>(
        $"""
        CREATE OR REPLACE FUNCTION public.fail_at_the_end() RETURNS trigger LANGUAGE plpgsql AS $f$
        BEGIN
            IF {when} THEN
                RAISE EXCEPTION 'refused at the end' USING ERRCODE = '{state}';
            END IF;
            RETURN NULL;
        END $f$;
        CREATE CONSTRAINT TRIGGER at_the_end AFTER INSERT ON ledger.command_receipt
            DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.fail_at_the_end();
        SELECT 1
        """);

    private Task<decimal> Cash(int portfolio) =>
        two.Database.Query<decimal>($"SELECT cash_balance FROM portfolio WHERE portfolio_id = {portfolio}");
}

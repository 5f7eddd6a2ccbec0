namespace Bifrost.Grains.Tests;

public sealed class SequenceTests(TwoLedgers two) : IClassFixture<TwoLedgers>
{
    // A subscriber of Marten's waits at a gap, in case that an event is still on its way there.
    [Fact]
    public async Task batches_that_are_committed_leave_no_gap_in_the_sequence()
    {
        var portfolios = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => two.One.OpenPortfolio()));
        for (var round = 0; round < 5; round++)
            await Task.WhenAll(portfolios.Select(portfolio => two.One.Deposit(portfolio, 1m)));

        (await two.Database.Query<long>("SELECT max(seq_id) - min(seq_id) + 1 FROM events.mt_events"))
            .ShouldBe(await two.Database.Query<long>("SELECT count(*) FROM events.mt_events"));
    }

    [Fact]
    public async Task a_commit_is_told_with_its_last_sequence_before_the_caller_is_answered()
    {
        var told = 0L;
        void Note(long sequence) => Interlocked.Exchange(ref told, sequence);
        var portfolio = await two.One.OpenPortfolio();
        two.One.Committed += Note;

        for (var i = 0; i < 10; i++)
        {
            var answer = await two.One.Deposit(portfolio, 1m);
            Interlocked.Read(ref told).ShouldBe(answer.Sequence);
        }
        two.One.Committed -= Note;

        (await two.One.Deposit(portfolio, 1m)).Sequence.ShouldBeGreaterThan(Interlocked.Read(ref told));
    }
}

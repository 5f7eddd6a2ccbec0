using Orleans.Concurrency;

namespace Bifrost.Grains;

/// <summary>The writer of one portfolio, whose id is the grain's key: one activation in the whole cluster.</summary>
public interface IPortfolioGrain : IGrainWithIntegerKey
{
    /// <summary>Decides a command after those that came before it, and answers once it is durable.</summary>
    /// <remarks>
    /// Commands come in while a commit is under way and queue in the grain, so that the next commit takes them all:
    /// one after another through Orleans' own queue, a busy portfolio would commit one command at a time.
    /// </remarks>
    /// <exception cref="LedgerUnavailableException">
    /// The database cannot be reached, or did not reply in time.
    /// </exception>
    /// <exception cref="PortfolioStoppedException">The portfolio's history needs a repair.</exception>
    [AlwaysInterleave]
    ValueTask<Answer> Execute(CommandRequest request);
}

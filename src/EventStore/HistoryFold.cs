using Bifrost.Domain;
using Bifrost.Domain.Holdings;
using Bifrost.Domain.Portfolios;

namespace Bifrost.EventStore;

/// <summary>
/// Folds stored events one after another, and trusts none of them: an event that has no place after those before it
/// stops the fold, because a state that left it out would be a wrong one.
/// </summary>
public static class HistoryFold
{
    /// <param name="stored">The next event of the portfolio; any stream's.</param>
    /// <exception cref="UnfoldableEventException">It cannot be the next one.</exception>
    public static Portfolio Next(Portfolio? before, StoredEvent stored, int portfolioId) =>
        Next(before, stored, portfolioId, Portfolio.Evolve);

    /// <inheritdoc cref="Next(Portfolio?, StoredEvent, int)"/>
    /// <param name="fold">What else is made of the event, beside the next state.</param>
    public static Portfolio Next(
        Portfolio? before, StoredEvent stored, int portfolioId, Func<Portfolio?, Recorded, Portfolio> fold)
    {
        CheckHome(stored, portfolioId);
        var version = (before?.Version ?? 0) + 1;
        if (stored.PortfolioVersion != 0 && stored.PortfolioVersion != version)
        {
            throw Unfoldable(
                HistoryFault.Gap,
                stored,
                $"It is version {stored.PortfolioVersion} of its portfolio, where version {version} is due.");
        }
        try
        {
            if (before?.VersionOf(stored.Data) is { } known)
                CheckVersion(stored, known + 1);
            return fold(before, stored.Recorded);
        }
        catch (Exception e) when (e is not EventReadException)
        {
            throw CannotFollow(stored, e);
        }
    }

    /// <param name="stored">The next event of the holding's stream.</param>
    /// <exception cref="UnfoldableEventException">It cannot be the next one.</exception>
    public static Holding Next(Holding? before, StoredEvent stored, int portfolioId)
    {
        CheckHome(stored, portfolioId);
        CheckVersion(stored, (before?.Version ?? 0) + 1);
        try
        {
            return Holding.Evolve(before, (HoldingEvent)stored.Data, stored.RecordedAt);
        }
        catch (Exception e) when (e is not EventReadException)
        {
            throw CannotFollow(stored, e);
        }
    }

    private static void CheckHome(StoredEvent stored, int portfolioId)
    {
        if (stored.Data.PortfolioId != portfolioId)
        {
            throw Unfoldable(
                HistoryFault.Foreign,
                stored,
                $"It says that it is of portfolio {stored.Data.PortfolioId}, and it is counted in the history of "
                + $"{portfolioId}.");
        }
        if (stored.Data.Stream.Value is var stream && stream != stored.Stream)
            throw Unfoldable(HistoryFault.Foreign, stored, $"It says that it is of the stream {stream}.");
    }

    private static void CheckVersion(StoredEvent stored, long due)
    {
        if (stored.Version != due)
            throw Unfoldable(HistoryFault.Gap, stored, $"Version {due} of its stream is due before it.");
    }

    // Whatever a fold fails with is its event's doing: it has no surroundings that could fail it.
    private static UnfoldableEventException CannotFollow(StoredEvent stored, Exception failure) => Unfoldable(
        HistoryFault.CannotFollow,
        stored,
        failure is InvalidHistoryException ? failure.Message : "What it says does not fit what came before it.",
        failure);

    private static UnfoldableEventException Unfoldable(
        HistoryFault fault, StoredEvent stored, string reason, Exception? inner = null) =>
        new(fault, new EventPlace(stored.Sequence, stored.Stream, stored.Version), reason, inner);
}

namespace Bifrost.Api.Events;

/// <summary>A stream's own way through the log, for as long as it is behind the window.</summary>
internal sealed class Backlog(EventPages pages, int? portfolioId)
{
    // Where a page of the portfolio ended, by both of its numbers: the log is read by the one, streams by the other.
    private (long Sequence, long Version)? place;

    /// <summary>The events after a sequence, of the portfolio or of all.</summary>
    public async Task<EventFrames> Read(long after, CancellationToken cancel)
    {
        if (portfolioId is not { } portfolio)
            return await pages.ReadAll(after, cancel);
        var version = place is { } known && known.Sequence == after
            ? known.Version
            : await pages.ReadVersion(portfolio, after, cancel);
        var page = await pages.ReadPortfolio(portfolio, version, cancel);
        place = page.IsEmpty ? null : (page.Last.Sequence, page.Last.PortfolioVersion);
        return page;
    }
}

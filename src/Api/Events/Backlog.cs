namespace Bifrost.Api.Events;

/// <summary>A stream's own way through the log, for as long as it is behind the window.</summary>
internal sealed class Backlog(EventPages pages, Audience audience)
{
    // Where a page ended, by both of its numbers: the log is read by the one, the streams of portfolios by the other.
    private (long Sequence, Dictionary<int, long> Versions)? place;

    /// <summary>The events after a sequence, of all portfolios or of those that the audience hears of.</summary>
    public async Task<EventFrames> Read(long after, CancellationToken cancel)
    {
        if (audience.HearsAll)
            return await pages.ReadAll(after, cancel);
        var versions = place is { } known && known.Sequence == after
            ? known.Versions
            : await ReadVersions(after, cancel);
        var page = audience.PortfolioId is { } portfolioId
            ? await pages.ReadPortfolio(portfolioId, versions[portfolioId], cancel)
            : await pages.ReadUser(audience.UserId!.Value, versions, cancel);
        for (var i = 0; i < page.Count; i++)
            versions[page[i].PortfolioId] = page[i].PortfolioVersion;
        place = page.IsEmpty ? null : (page.Last.Sequence, versions);
        return page;
    }

    private async Task<Dictionary<int, long>> ReadVersions(long after, CancellationToken cancel) =>
        audience.PortfolioId is { } portfolioId
            ? new Dictionary<int, long> { [portfolioId] = await pages.ReadVersion(portfolioId, after, cancel) }
            : await pages.ReadVersions(audience.UserId!.Value, after, cancel);
}

namespace Bifrost.Api.Events;

/// <summary>Whom a stream's events are for.</summary>
/// <param name="PortfolioId">The portfolio whose events are wanted; null for all.</param>
/// <param name="UserId">The user whose portfolios' events may be told; null for all.</param>
internal readonly record struct Audience(int? PortfolioId, int? UserId)
{
    public bool HearsAll => PortfolioId is null && UserId is null;

    /// <summary>A portfolio that is named was looked at before the stream began: it never changes hands.</summary>
    public bool Hears(EventFrames.Frame frame) =>
        PortfolioId is { } portfolioId ? frame.PortfolioId == portfolioId : UserId is null || frame.UserId == UserId;
}

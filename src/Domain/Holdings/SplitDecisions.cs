using Bifrost.Domain.Portfolios;

namespace Bifrost.Domain.Holdings;

/// <summary>
/// The shares of a symbol were split, at the moment at which the command occurred. The terms are above zero, at most
/// <see cref="Split.LargestTerm"/>, and not the same.
/// </summary>
public sealed record SplitShares : Command
{
    public required string Symbol { get; init; }

    public required int Numerator { get; init; }

    public required int Denominator { get; init; }
}

public static class SplitDecisions
{
    /// <remarks>
    /// Working orders stay as they are: whether a venue adjusts or cancels them differs from one to the next, and it
    /// says so.
    /// </remarks>
    public static Decision Decide(Portfolio p, SplitShares c, Surroundings around)
    {
        if (!p.Holdings.TryGetValue(c.Symbol, out var holding))
            return Decision.Reject(RejectionCode.NothingToSplit, $"The portfolio never held {c.Symbol}.");
        var split = new Split(around.When(c), c.Numerator, c.Denominator);
        if (holding.Splits.Find(known => known.EffectiveAt == split.EffectiveAt) is { } known)
        {
            return known.IsSameRatio(split)
                ? Decision.Accept(Effect.None)
                : Decision.Reject(
                    RejectionCode.SplitDiffers,
                    $"{c.Symbol} was split {known.Ratio} at that moment. To undo a wrong split, record its inverse a "
                    + "microsecond later.");
        }
        var history = around.History!;
        if (history.EndsBefore(split.EffectiveAt))
            return Decision.Accept(Effect.None, Booking.Divide(p.PositionIn(c.Symbol), split).AsSpan());
        var restatement = new Restatement(p, c.Symbol, history, history.With(split), around.NextId);
        return restatement.Fits
            ? Decision.Accept(Effect.None, restatement.Of(split).AsSpan())
            : Decision.Reject(RejectionCode.AmountTooLarge, Money.LimitTold);
    }
}

namespace Bifrost.Domain.Tests;

/// <summary>
/// A second opinion on lots: exact fractions, one price per share, and a scan of all lots for each piece closed.
/// Shares no code and no arithmetic with the domain.
/// </summary>
internal sealed class NaiveBook(LotMethod method)
{
    private readonly List<Piece> pieces = [];
    private int opened;

    public Fraction Realized { get; private set; } = Fraction.Zero;

    public Fraction Cost => pieces.Aggregate(
        Fraction.Zero,
        (sum, piece) => piece.IsShort ? sum - piece.Quantity * piece.PerShare : sum + piece.Quantity * piece.PerShare);

    public void Fill(OrderSide side, decimal quantity, decimal price, decimal fees, DateTimeOffset at)
    {
        var isSale = side == OrderSide.SELL;
        var left = Fraction.Of(quantity);
        var feePerShare = Fraction.Of(fees) / left;
        var perShare = isSale ? Fraction.Of(price) - feePerShare : Fraction.Of(price) + feePerShare;
        while (left > Fraction.Zero && pieces.Exists(piece => piece.IsShort != isSale))
        {
            var piece = Next();
            var taken = Fraction.Min(left, piece.Quantity);
            var gain = piece.IsShort ? piece.PerShare - perShare : perShare - piece.PerShare;
            Realized += taken * gain;
            left -= taken;
            pieces.Remove(piece);
            if (piece.Quantity > taken)
                pieces.Add(piece with { Quantity = piece.Quantity - taken });
        }
        if (left > Fraction.Zero)
            pieces.Add(new Piece(isSale, at, opened++, left, perShare));
    }

    public void Split(int numerator, int denominator)
    {
        var ratio = Fraction.Of(numerator) / Fraction.Of(denominator);
        for (var at = 0; at < pieces.Count; at++)
        {
            var piece = pieces[at];
            pieces[at] = piece with { Quantity = piece.Quantity * ratio, PerShare = piece.PerShare / ratio };
        }
    }

    private Piece Next() => method switch
    {
        LotMethod.LIFO => pieces.MaxBy(piece => (piece.At, piece.Number))!,
        // The smallest gain: of a long position the dearest piece, of a short one the cheapest.
        LotMethod.HIFO => pieces[0].IsShort
            ? pieces.MinBy(piece => piece.PerShare)!
            : pieces.MaxBy(piece => piece.PerShare)!,
        LotMethod.AVERAGE => Pool(),
        _ => pieces.MinBy(piece => (piece.At, piece.Number))!,
    };

    private Piece Pool()
    {
        var quantity = pieces.Aggregate(Fraction.Zero, (sum, piece) => sum + piece.Quantity);
        var value = pieces.Aggregate(Fraction.Zero, (sum, piece) => sum + piece.Quantity * piece.PerShare);
        var pool = pieces[0] with { Quantity = quantity, PerShare = value / quantity };
        pieces.Clear();
        pieces.Add(pool);
        return pool;
    }

    private sealed record Piece(bool IsShort, DateTimeOffset At, int Number, Fraction Quantity, Fraction PerShare);
}

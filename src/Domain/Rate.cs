namespace Bifrost.Domain;

/// <summary>What one of a currency was worth in another, as a fact: who told it, and of when.</summary>
/// <param name="Value">Above zero.</param>
/// <param name="At">When the bar began that it is of; null where it was stated with what it values.</param>
/// <param name="Source">The pair whose bar it is of, or <see cref="Stated"/>.</param>
public sealed record Rate(decimal Value, DateTimeOffset? At, string Source)
{
    /// <summary>The source of a rate that came with a fact.</summary>
    public const string Stated = "stated";
}

/// <summary>The rate of now; null where none is known.</summary>
/// <param name="from">The code of the currency that is to be valued.</param>
/// <param name="to">That of the currency to value it in.</param>
public delegate Rate? RateOf(string from, string to);

/// <summary>
/// What sources call the pair of one currency that is quoted in another; bars under such a name are rates.
/// </summary>
/// <remarks><c>ledger.pair_names</c> and <c>ledger.rate_of</c> are the same in the database.</remarks>
public static class CurrencyPairs
{
    private const int InverseDecimals = 18;

    public static IReadOnlyList<string> Names(string one, string quoted) =>
    [
        $"{one}{quoted}", $"{one}/{quoted}", $"{one}-{quoted}", $"{one}.{quoted}", $"{one}{quoted}=X",
        $"X:{one}{quoted}", $"C:{one}{quoted}",
    ];

    /// <summary>What the other currency is worth in the one, half to even.</summary>
    public static decimal Inverse(decimal price) =>
        decimal.Round(1 / price, InverseDecimals, MidpointRounding.ToEven);

    /// <summary>
    /// The rate that some prices tell: the latest of the pair, or else the inverse of the latest of its inverse.
    /// </summary>
    /// <param name="priceOf">The price of a symbol and when its bar began; null where there is none.</param>
    public static Rate? Choose(string one, string quoted, Func<string, (decimal Price, DateTimeOffset At)?> priceOf)
    {
        if (Latest(Names(one, quoted), priceOf) is { } told)
            return told;
        return Latest(Names(quoted, one), priceOf) is { } inverse
            ? inverse with { Value = Inverse(inverse.Value) }
            : null;
    }

    private static Rate? Latest(
        IEnumerable<string> names, Func<string, (decimal Price, DateTimeOffset At)?> priceOf) => names
        .Select(name => priceOf(name) is { Price: > 0 } told ? new Rate(told.Price, told.At, name) : null)
        .OfType<Rate>().OrderByDescending(rate => rate.At).ThenBy(rate => rate.Source, StringComparer.Ordinal)
        .FirstOrDefault();
}

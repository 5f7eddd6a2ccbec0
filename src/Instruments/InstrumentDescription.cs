using Bifrost.Domain;
using Bifrost.Domain.Instruments;
using Bifrost.Instruments.Exchanges;

namespace Bifrost.Instruments;

/// <summary>
/// What is said of an instrument. What is left out stays as it is, or is as of an instrument that nobody has described;
/// an empty text takes away what was said before.
/// </summary>
public sealed record InstrumentDescription
{
    private const int LongestStatus = 20;
    private const int LongestName = 200;
    private const int MostMultiplierDecimals = 8;

    public InstrumentType? Type { get; init; }

    /// <summary>What prices are in, such as USD; empty for the portfolio's own.</summary>
    public string? Currency { get; init; }

    public decimal? Multiplier { get; init; }

    public int? QuantityDecimals { get; init; }

    public int? PriceDecimals { get; init; }

    public bool? AllowsNonPositivePrice { get; init; }

    /// <summary>The code of one of <see cref="KnownExchanges"/>.</summary>
    public string? Exchange { get; init; }

    public string? Status { get; init; }

    public DateOnly? ListedOn { get; init; }

    public DateOnly? DelistedOn { get; init; }

    public string? Name { get; init; }

    /// <summary>Tells what cannot be, by field.</summary>
    /// <param name="fault">Is given the field's name and a sentence's end, such as "is one of A, B."</param>
    public void Check(Action<string, string> fault)
    {
        if (Type is { } type && !Enum.IsDefined(type))
            fault("type", $"is one of {string.Join(", ", Enum.GetNames<InstrumentType>())}.");
        if (Currency is { Length: > 0 } currency && !Domain.Currency.TryParseUnit(currency, out _, out _))
        {
            fault(
                "currency",
                "is none that the ledger keeps, nor a hundredth of one such as GBX: "
                + $"{string.Join(' ', Domain.Currency.Codes)}.");
        }
        if (Multiplier is { } multiplier && !(multiplier > 0 && Money.Fits(multiplier)
            && Money.Normalize(multiplier).Scale <= MostMultiplierDecimals))
            fault("multiplier", $"is above zero and has at most {MostMultiplierDecimals} decimals.");
        CheckDecimals("quantityDecimals", QuantityDecimals, fault);
        CheckDecimals("priceDecimals", PriceDecimals, fault);
        if (Exchange is { Length: > 0 } exchange && KnownExchanges.Find(exchange) is null)
            fault("exchange", KnownExchanges.Rule);
        if (Status?.Length > LongestStatus)
            fault("status", $"has at most {LongestStatus} characters.");
        // It says that nobody has described the symbol, which somebody just does.
        if (Status == "UNKNOWN")
            fault("status", "is not UNKNOWN of an instrument that is described: ACTIVE says no more than that.");
        if (Name?.Length > LongestName)
            fault("name", $"has at most {LongestName} characters.");
        if (ListedOn > DelistedOn)
            fault("delistedOn", "is not before listedOn.");
    }

    private static void CheckDecimals(string field, int? decimals, Action<string, string> fault)
    {
        if (decimals is < 0 or > Money.MostDecimals)
            fault(field, $"is between 0 and {Money.MostDecimals}.");
    }
}

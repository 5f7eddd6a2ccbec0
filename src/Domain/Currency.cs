using System.Collections.Frozen;

namespace Bifrost.Domain;

/// <summary>An ISO 4217 currency that the ledger keeps cash in.</summary>
/// <remarks>
/// Currencies with three decimals (BHD, KWD …) are not taken: the legacy cash columns are NUMERIC(15,2) and could not
/// hold their smallest coin.
/// </remarks>
public readonly record struct Currency
{
    private const string TwoDecimals =
        "USD EUR GBP CHF CAD AUD NZD SEK NOK DKK PLN CZK HUF RON BGN TRY ILS ZAR MXN BRL COP ARS PEN CNY HKD SGD TWD "
        + "INR IDR MYR PHP THB AED SAR QAR EGP NGN KES MAD RUB UAH GEL KZT PKR LKR BDT";

    private const string NoDecimals = "JPY KRW CLP ISK VND PYG UGX XAF XOF";

    private static readonly FrozenDictionary<string, int> MinorUnits =
        TwoDecimals.Split(' ').Select(code => KeyValuePair.Create(code, 2))
            .Concat(NoDecimals.Split(' ').Select(code => KeyValuePair.Create(code, 0)))
            .ToFrozenDictionary();

    /// <summary>All of them, in the order of the alphabet.</summary>
    public static IReadOnlyList<string> Codes { get; } = [.. MinorUnits.Keys.Order(StringComparer.Ordinal)];

    private Currency(string code) => Code = code;

    public string Code { get; }

    /// <summary>Decimals of the smallest amount that can be paid.</summary>
    public int MinorUnit => MinorUnits[Code];

    public static bool TryParse(string? code, out Currency currency)
    {
        var known = code is not null && MinorUnits.ContainsKey(code);
        currency = known ? new Currency(code!) : default;
        return known;
    }

    /// <exception cref="ArgumentException">The ledger does not keep this currency.</exception>
    public static Currency Of(string code) => TryParse(code, out var currency)
        ? currency
        : throw new ArgumentException($"'{code}' is not a currency the ledger keeps.", nameof(code));

    public override string ToString() => Code;
}

using System.Collections.Frozen;
using System.Globalization;

namespace Bifrost.Domain;

/// <summary>What cash is kept in: a currency of ISO 4217, or a coin that is paid with like one.</summary>
public readonly record struct Currency
{
    private const string TwoDecimals =
        "USD EUR GBP CHF CAD AUD NZD SEK NOK DKK PLN CZK HUF RON BGN TRY ILS ZAR MXN BRL COP ARS PEN CNY HKD SGD TWD "
        + "INR IDR MYR PHP THB AED SAR QAR EGP NGN KES MAD RUB UAH GEL KZT PKR LKR BDT";

    private const string NoDecimals = "JPY KRW CLP ISK VND PYG UGX XAF XOF";

    private const string ThreeDecimals = "BHD IQD JOD KWD LYD OMR TND";

    // Of each chain its own smallest unit, but no more decimals than a quantity may have.
    private const string Coins =
        "BTC:8 ETH:18 LTC:8 BCH:8 DOGE:8 XRP:6 ADA:6 SOL:9 DOT:10 BNB:18 USDT:6 USDC:6 DAI:18 EURC:6";

    // Prices are told in a hundredth of these, as London's shares are in pence.
    private static readonly FrozenDictionary<string, string> Hundredths = new Dictionary<string, string>
    {
        ["GBX"] = "GBP", ["ILA"] = "ILS", ["ZAC"] = "ZAR",
    }.ToFrozenDictionary();

    private static readonly FrozenDictionary<string, int> MinorUnits =
        TwoDecimals.Split(' ').Select(code => KeyValuePair.Create(code, 2))
            .Concat(NoDecimals.Split(' ').Select(code => KeyValuePair.Create(code, 0)))
            .Concat(ThreeDecimals.Split(' ').Select(code => KeyValuePair.Create(code, 3)))
            .Concat(Coins.Split(' ').Select(coin => coin.Split(':')).Select(
                coin => KeyValuePair.Create(coin[0], int.Parse(coin[1], CultureInfo.InvariantCulture))))
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

    /// <summary>What a price is in: a currency, or a hundredth of one, such as GBX.</summary>
    /// <param name="unit">How much of the currency a price of one is.</param>
    public static bool TryParseUnit(string code, out Currency currency, out decimal unit)
    {
        unit = Hundredths.ContainsKey(code) ? 0.01m : 1;
        return TryParse(Hundredths.GetValueOrDefault(code, code), out currency);
    }

    /// <exception cref="ArgumentException">The ledger does not keep this currency.</exception>
    public static Currency Of(string code) => TryParse(code, out var currency)
        ? currency
        : throw new ArgumentException($"'{code}' is not a currency the ledger keeps.", nameof(code));

    public override string ToString() => Code;
}

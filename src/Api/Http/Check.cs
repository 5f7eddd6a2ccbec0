using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Bifrost.Api.Instruments;
using Bifrost.Domain;
using Bifrost.Instruments;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Bifrost.Api.Http;

/// <summary>
/// Checks the shape of a request before anything is read for it, and gathers what is wrong with each field.
/// </summary>
public sealed partial class Check(TimeProvider clock)
{
    private const int LongestExternalId = 200;

    private static readonly DateTimeOffset Earliest = new(1900, 1, 1, 0, 0, 0, TimeSpan.Zero);

    // A sender's clock may run ahead of ours by this much.
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromMinutes(5);

    private readonly Dictionary<string, string> errors = [];

    public bool Failed => errors.Count > 0;

    public ProblemHttpResult Problem => Problems.Invalid(errors);

    public void Add(string field, string reason) => errors.TryAdd(field, reason);

    public T Required<T>(string field, T? value)
        where T : struct
    {
        if (value is null)
            Add(field, "is required.");
        return value ?? default;
    }

    public int Id(string field, int? value)
    {
        if (Required(field, value) < 1)
            Add(field, "must be a whole number above zero.");
        return value ?? 0;
    }

    public string Text(string field, string? value, int longest)
    {
        if (string.IsNullOrWhiteSpace(value))
            Add(field, "is required.");
        return OptionalText(field, value, longest) ?? "";
    }

    [return: NotNullIfNotNull(nameof(value))]
    public string? OptionalText(string field, string? value, int longest)
    {
        if (value?.Length > longest)
            Add(field, $"has {value.Length} characters; at most {longest} are kept.");
        // PostgreSQL keeps no NUL, and half a surrogate pair is no text.
        else if (value is not null && value.Any(c => char.IsControl(c) && c is not ('\n' or '\r' or '\t')))
            Add(field, "has control characters.");
        else if (value is not null && !IsUnicode(value))
            Add(field, "is not valid Unicode text.");
        return value?.Trim();
    }

    /// <summary>
    /// An id of the caller's: kept as it is, so it is held to what can stand in a URL, a log and a key.
    /// </summary>
    public string Name(string field, string? value)
    {
        if (value is null)
            Add(field, "is required.");
        else if (!Names().IsMatch(value))
            Add(field, "has 1 to 100 characters of A-Z a-z 0-9 . _ : @ + = / -");
        return value ?? "";
    }

    /// <summary>
    /// The id that a venue, a broker or a bank gave a fact: kept as it is, and whatever they print.
    /// </summary>
    public string ExternalId(string field, string? value)
    {
        if (value is null)
            Add(field, "is required.");
        else if (value.Length is 0 or > LongestExternalId || value != value.Trim() || !IsPrintable(value))
            Add(field, $"has 1 to {LongestExternalId} printable characters, and no space at its ends.");
        return value ?? "";
    }

    public string? OptionalExternalId(string field, string? value) => value is null ? null : ExternalId(field, value);

    public string? OptionalName(string field, string? value) => value is null ? null : Name(field, value);

    /// <summary>A symbol in its canonical form: upper case.</summary>
    public string Symbol(string field, string? value)
    {
        if (value is null)
            Add(field, "is required.");
        else if (Symbols.Canonical(value) is { } symbol)
            return symbol;
        else
            Add(field, Symbols.Rule);
        return "";
    }

    /// <summary>A symbol that a list is narrowed to.</summary>
    public string? OptionalSymbol(string field, string? value) => value is null ? null : Symbol(field, value);

    /// <summary>The primary name of what is called so at a moment; of now where none is given.</summary>
    public string Symbol(string field, string? value, InstrumentCatalog instruments, DateTimeOffset? at = null) =>
        instruments.Primary(Symbol(field, value), at);

    /// <summary>The primary name of what a list is narrowed to.</summary>
    public string? OptionalSymbol(string field, string? value, InstrumentCatalog instruments) =>
        value is null ? null : Symbol(field, value, instruments);

    /// <summary>A word that a list is narrowed to.</summary>
    public string? OptionalWord<TEnum>(string field, string? value)
        where TEnum : struct, Enum
    {
        var word = value?.ToUpperInvariant();
        if (word is not null && !Enum.GetNames<TEnum>().Contains(word))
            Add(field, $"is one of {string.Join(", ", Enum.GetNames<TEnum>())}.");
        return word;
    }

    /// <summary>A state that a list is narrowed to, by its word in lower case.</summary>
    public TEnum? OptionalState<TEnum>(string field, string? word)
        where TEnum : struct, Enum
    {
        if (word is null)
            return null;
        var words = Enum.GetNames<TEnum>().Select(name => name.ToLowerInvariant()).ToList();
        if (words.Contains(word))
            return Enum.Parse<TEnum>(word, ignoreCase: true);
        Add(field, $"is one of {string.Join(", ", words)}.");
        return null;
    }

    public decimal Quantity(string field, decimal? value) => Positive(field, Required(field, value));

    /// <summary>A price: whether it has to be above zero, its instrument says.</summary>
    public decimal Price(string field, decimal? value) => Bounded(field, Required(field, value));

    public decimal? OptionalNotNegative(string field, decimal? value) =>
        value is { } given ? NotNegative(field, given) : null;

    /// <summary>An amount that may go either way.</summary>
    public decimal? OptionalAmount(string field, decimal? value) => value is { } given ? Bounded(field, given) : null;

    public decimal? Optional(string field, decimal? value) => value is { } given ? Positive(field, given) : null;

    /// <summary>A part of something, from 0 to 1.</summary>
    public decimal? OptionalPart(string field, decimal? value)
    {
        if (value is < 0 or > 1)
            Add(field, "is between 0 and 1.");
        return OptionalNotNegative(field, value);
    }

    /// <summary>A fee in money; below zero for a rebate.</summary>
    public decimal Fee(string field, decimal? value) => Bounded(field, value ?? 0);

    /// <summary>Zero where nothing is said.</summary>
    public decimal NotNegative(string field, decimal? value) => NotNegative(field, value ?? 0);

    /// <summary>
    /// The code of a currency that the ledger keeps cash in, in upper case; null where nothing is said.
    /// </summary>
    public string? OptionalCurrency(string field, string? value)
    {
        var code = value?.Trim().ToUpperInvariant();
        if (code is not null && !Currency.TryParse(code, out _))
            Add(field, $"is none that the ledger keeps, which are {string.Join(' ', Currency.Codes)}.");
        return code;
    }

    /// <summary>A rate that came with a fact.</summary>
    public Rate? OptionalRate(string field, decimal? value, DateTimeOffset? at) =>
        Optional(field, value) is { } rate ? new Rate(Money.Normalize(rate), at, Rate.Stated) : null;

    /// <summary>The moment of a fact, truncated to microseconds, which is what the database keeps.</summary>
    public DateTimeOffset? Time(string field, string? value)
    {
        if (value is null)
            return null;
        if (!Rfc3339().IsMatch(value)
            || !DateTimeOffset.TryParse(
                // Cut here, because the parser would round up, into the next year at the worst.
                BelowMicroseconds().Replace(value, ""),
                CultureInfo.InvariantCulture,
                DateTimeStyles.None,
                out var time))
        {
            Add(field, "is not an RFC 3339 time with an offset, such as 2024-03-08T14:30:00Z.");
            return null;
        }
        if (time < Earliest)
            Add(field, $"is before {Earliest:yyyy}.");
        else if (time > clock.GetUtcNow() + ClockTolerance)
            Add(field, "lies in the future: facts are recorded once they have happened.");
        return time.ToUniversalTime();
    }

    private decimal Positive(string field, decimal value)
    {
        if (value <= 0)
            Add(field, "must be above zero.");
        return Bounded(field, value);
    }

    private decimal NotNegative(string field, decimal value)
    {
        if (value < 0)
            Add(field, "must not be below zero.");
        return Bounded(field, value);
    }

    private decimal Bounded(string field, decimal value)
    {
        if (Math.Abs(value) >= Money.Limit)
        {
            Add(field, string.Create(
                CultureInfo.InvariantCulture, $"must be below {Money.Limit:N0}, and above the same below zero."));
        }
        else if (!Money.Fits(value))
            Add(field, "has more than 27 digits.");
        else if (value.Scale > Money.MostDecimals && Money.Normalize(value).Scale > Money.MostDecimals)
            Add(field, $"has more than {Money.MostDecimals} decimals.");
        return value;
    }

    private static bool IsPrintable(string value) => IsUnicode(value)
        && value.EnumerateRunes().All(rune => !Rune.IsControl(rune) && Rune.GetUnicodeCategory(rune)
            is not (UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
                or UnicodeCategory.OtherNotAssigned or UnicodeCategory.PrivateUse));

    private static bool IsUnicode(string value)
    {
        for (var i = 0; i < value.Length; i++)
        {
            if (!char.IsSurrogate(value[i]))
                continue;
            if (!char.IsSurrogatePair(value, i))
                return false;
            i++;
        }
        return true;
    }

    // \z and not $, which would let a line break stand at the end.
    [GeneratedRegex(@"^[A-Za-z0-9._:@+=/\-]{1,100}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Names();

    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)\z", RegexOptions.CultureInvariant)]
    private static partial Regex Rfc3339();

    [GeneratedRegex(@"(?<=\.\d{6})\d+")]
    private static partial Regex BelowMicroseconds();
}

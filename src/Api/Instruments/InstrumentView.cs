using Bifrost.Domain.Instruments;
using Bifrost.Instruments;

namespace Bifrost.Api.Instruments;

/// <summary>Another name of an instrument.</summary>
/// <param name="Source">Who calls it so; * for everybody.</param>
/// <param name="ValidFrom">Null for ever.</param>
/// <param name="ValidTo">From when on it is its name no more; null for no end.</param>
public sealed record AliasView(string Alias, string Source, DateTime? ValidFrom, DateTime? ValidTo);

/// <summary>What a symbol stands for.</summary>
public sealed record InstrumentView
{
    /// <summary>Null where nobody has described it.</summary>
    public int? InstrumentId { get; init; }

    /// <summary>The primary name.</summary>
    public string Symbol { get; init; } = "";

    /// <summary>STOCK, ETF, FUND, BOND, OPTION, FUTURE, CURRENCY_PAIR, COIN or INDEX.</summary>
    public string Type { get; init; } = "";

    /// <summary>What its prices are in; null for the portfolio's own currency.</summary>
    public string? Currency { get; init; }

    /// <summary>How much of the currency one of it is worth at a price of one.</summary>
    public decimal Multiplier { get; init; }

    public int QuantityDecimals { get; init; }

    public int PriceDecimals { get; init; }

    public bool AllowsNonPositivePrice { get; init; }

    /// <summary>By whose sessions its days are; null for days of UTC.</summary>
    public string? Exchange { get; init; }

    /// <summary>UNKNOWN where nobody has described it.</summary>
    public string Status { get; init; } = "";

    public DateOnly? ListedOn { get; init; }

    public DateOnly? DelistedOn { get; init; }

    public string? Name { get; init; }

    /// <summary>False where nothing but the symbol is known, and the rest is assumed.</summary>
    public bool IsDescribed { get; init; }

    public IReadOnlyList<AliasView> Aliases { get; init; } = [];

    public DateTime? UpdatedAt { get; init; }

    public static InstrumentView Of(DescribedInstrument described) => Of(described.Instrument) with
    {
        InstrumentId = described.Id,
        Exchange = described.Exchange,
        Status = described.Status,
        ListedOn = described.ListedOn,
        DelistedOn = described.DelistedOn,
        Name = described.Name,
        Aliases = [.. described.Aliases.Select(a => new AliasView(a.Alias, a.Source, a.From, a.To))],
        UpdatedAt = described.UpdatedAt,
    };

    public static InstrumentView Of(Instrument instrument) => new()
    {
        Symbol = instrument.Symbol,
        Type = instrument.Type.ToString(),
        Currency = instrument.Currency,
        Multiplier = instrument.Multiplier,
        QuantityDecimals = instrument.QuantityDecimals,
        PriceDecimals = instrument.PriceDecimals,
        AllowsNonPositivePrice = instrument.AllowsNonPositivePrice,
        Status = "UNKNOWN",
        IsDescribed = instrument.IsDescribed,
    };
}

namespace Bifrost.Api.MarketData;

/// <summary>A symbol as the read API shows it.</summary>
public sealed record SymbolView
{
    public string Symbol { get; init; } = "";

    public string Name { get; init; } = "";

    public string Market { get; init; } = "";

    public string AssetType { get; init; } = "";

    /// <summary>UNKNOWN where there are bars, and nobody has told more than the symbol.</summary>
    public string Status { get; init; } = "";

    public DateOnly? IpoDate { get; init; }

    public DateOnly? DelistingDate { get; init; }

    public bool IsDelisted { get; init; }

    public string? LongName { get; init; }

    public string? Exchange { get; init; }

    public string? Currency { get; init; }

    public string? Sector { get; init; }

    public string? Industry { get; init; }

    public string? Country { get; init; }

    public string? Website { get; init; }

    /// <summary>The session's time zone, an IANA name.</summary>
    public string? TimeZone { get; init; }

    /// <summary>The latest price; null where there are no bars.</summary>
    public decimal? Price { get; init; }

    /// <summary>When the bar began whose close is the price.</summary>
    public DateTime? PriceAt { get; init; }

    /// <summary>
    /// Of which there are bars, or somebody has told what they are. An order makes a row as well, which nobody is
    /// shown: it would tell everybody what one trader wants.
    /// </summary>
    public const string IsPublic = "(p.symbol IS NOT NULL OR s.status <> 'UNKNOWN')";

    public const string Sql =
        """
        SELECT s.symbol, s.name, s.market, s.asset_type, s.status, s.ipo_date, s.delisting_date,
               coalesce(s.is_delisted, false) AS is_delisted, k.long_name, k.exchange, k.currency, k.sector, k.industry,
               k.country, k.website, k.time_zone_full_name AS time_zone, p.price, p.time AS price_at
        FROM market_symbol s
        LEFT JOIN market_stock k ON k.symbol = s.symbol
        LEFT JOIN market_last_price p ON p.symbol = s.symbol
        """;
}

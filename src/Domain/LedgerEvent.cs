using System.Text.Json.Serialization;

namespace Bifrost.Domain;

/// <summary>A fact of one portfolio. Stored as JSON for ever: add optional members only.</summary>
public abstract record LedgerEvent
{
    public required int PortfolioId { get; init; }

    /// <summary>When it happened, in UTC; when it was recorded is stamped on the stored event.</summary>
    public required DateTimeOffset OccurredAt { get; init; }

    /// <summary>The stream the fact belongs to.</summary>
    [JsonIgnore]
    public abstract StreamId Stream { get; }
}

/// <summary>A fact and the moment it was recorded.</summary>
public readonly record struct Recorded(LedgerEvent Event, DateTimeOffset RecordedAt);

public enum StreamKind
{
    Portfolio,
    Funding,
    Order,
    Holding,
    Trade,
}

/// <summary>The name of a stream, for instance <c>order-17</c> or <c>holding-3-ORCL</c>.</summary>
public readonly record struct StreamId(StreamKind Kind, string Value)
{
    public static StreamId Portfolio(int portfolioId) => new(StreamKind.Portfolio, $"portfolio-{portfolioId}");

    public static StreamId Funding(int portfolioId) => new(StreamKind.Funding, $"funding-{portfolioId}");

    public static StreamId Order(int orderId) => new(StreamKind.Order, $"order-{orderId}");

    public static StreamId Holding(int portfolioId, string symbol) =>
        new(StreamKind.Holding, $"holding-{portfolioId}-{symbol}");

    public static StreamId Trade(int tradeId) => new(StreamKind.Trade, $"trade-{tradeId}");

    public override string ToString() => Value;
}

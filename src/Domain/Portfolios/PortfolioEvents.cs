namespace Bifrost.Domain.Portfolios;

public abstract record PortfolioEvent : LedgerEvent
{
    public override StreamId Stream => StreamId.Portfolio(PortfolioId);
}

public sealed record PortfolioOpened : PortfolioEvent
{
    public required int UserId { get; init; }

    public required string Name { get; init; }

    public string? Description { get; init; }

    public required string Currency { get; init; }

    public required LotMethod LotMethod { get; init; }

    public required bool AllowShort { get; init; }

    public required bool AllowOverdraft { get; init; }

    /// <inheritdoc cref="Portfolio.CurrencyHaircut"/>
    public decimal? CurrencyHaircut { get; init; }

    public required int CashBalanceId { get; init; }
}

/// <summary>The portfolio keeps cash in another currency than its own from here on.</summary>
public sealed record CashAccountOpened : PortfolioEvent
{
    public required string Currency { get; init; }

    public required int CashBalanceId { get; init; }
}

public sealed record PortfolioRenamed : PortfolioEvent
{
    public required string Name { get; init; }

    public string? Description { get; init; }
}

public sealed record PortfolioSettingsChanged : PortfolioEvent
{
    public required LotMethod LotMethod { get; init; }

    public required bool AllowShort { get; init; }

    public required bool AllowOverdraft { get; init; }

    /// <inheritdoc cref="Portfolio.CurrencyHaircut"/>
    public decimal? CurrencyHaircut { get; init; }
}

public sealed record PortfolioClosed : PortfolioEvent;

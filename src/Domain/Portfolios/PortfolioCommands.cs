namespace Bifrost.Domain.Portfolios;

public sealed record OpenPortfolio : Command
{
    public required int PortfolioId { get; init; }

    public required int UserId { get; init; }

    public required string Name { get; init; }

    public string? Description { get; init; }

    public required Currency Currency { get; init; }

    public required LotMethod LotMethod { get; init; }

    public bool AllowShort { get; init; }

    public bool AllowOverdraft { get; init; }

    /// <inheritdoc cref="Portfolio.CurrencyHaircut"/>
    public decimal CurrencyHaircut { get; init; }
}

/// <summary>Changes what is given; a member left null stays as it is.</summary>
public sealed record ChangePortfolio : Command
{
    public string? Name { get; init; }

    public string? Description { get; init; }

    public LotMethod? LotMethod { get; init; }

    public bool? AllowShort { get; init; }

    public bool? AllowOverdraft { get; init; }

    /// <inheritdoc cref="Portfolio.CurrencyHaircut"/>
    public decimal? CurrencyHaircut { get; init; }
}

public sealed record ClosePortfolio : Command;

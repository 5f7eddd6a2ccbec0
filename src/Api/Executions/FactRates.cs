using Bifrost.Domain;
using Bifrost.Domain.Orders;
using Bifrost.Instruments;
using Bifrost.Replay.TimeTravel;
using Npgsql;

namespace Bifrost.Api.Executions;

/// <summary>Finds the rates that facts of the past are valued at; those of now the ledger knows itself.</summary>
internal sealed class FactRates(NpgsqlDataSource database, InstrumentCatalog instruments, RateOf rates)
{
    private const string Sql = "SELECT currency FROM portfolio WHERE portfolio_id = $1";

    private readonly PastPrices prices = new(database);

    /// <summary>
    /// The rate of a fill's currency in the portfolio's own as it occurred; null where they are one, where it is of
    /// now, and where no bar of the pair tells it.
    /// </summary>
    public async Task<Rate?> Of(int portfolioId, RecordExecution fill, CancellationToken cancel)
    {
        if (fill.OccurredAt is not { } at || instruments.Of(fill.Symbol).Paid.Currency is not { } paid)
            return null;
        return await Own(portfolioId, cancel) is { } own && own != paid
            ? await prices.RateOf(paid, own, at, cancel)
            : null;
    }

    /// <summary>An amount in the portfolio's own currency at the rate of now; null where that is not known.</summary>
    public async Task<decimal?> InOwn(int portfolioId, string? currency, decimal amount, CancellationToken cancel)
    {
        if (currency is null || await Own(portfolioId, cancel) is not { } own || own == currency)
            return amount;
        return rates(currency, own) is { } rate ? Money.At(amount, rate) : null;
    }

    private async Task<string?> Own(int portfolioId, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(Sql);
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = portfolioId });
        return (string?)await command.ExecuteScalarAsync(cancel);
    }
}

using Bifrost.EventStore;
using Npgsql;

namespace Bifrost.Instruments.Tests;

/// <summary>A database of instruments for a class of tests, written to as market data is.</summary>
public sealed class InstrumentDatabase : IAsyncLifetime
{
    private NpgsqlDataSource? source;

    public TestDatabase Database { get; } = new();

    public NpgsqlDataSource Source => source!;

    public InstrumentStore Store => new(Source);

    public async Task InitializeAsync()
    {
        await Database.InitializeAsync();
        source = NpgsqlDataSource.Create(
            ModuleRoles.As(ModuleRoles.MarketData, Database.ConnectionString, "").ConnectionString);
    }

    public async Task DisposeAsync()
    {
        await Source.DisposeAsync();
        await Database.DisposeAsync();
    }

    /// <summary>A catalog as it is now.</summary>
    public async Task<InstrumentCatalog> Read()
    {
        var catalog = new InstrumentCatalog(Source);
        await catalog.Refresh();
        return catalog;
    }

    public async Task<DescribedInstrument> Add(string symbol, InstrumentDescription? description = null) =>
        (await Store.Add(symbol, description ?? new InstrumentDescription())).Instrument!;

    public async Task<string?> Alias(int id, string alias, string source = "*", string? from = null, string? to = null)
    {
        var given = new InstrumentAlias(source, alias, Day(from), Day(to));
        return (await Store.PutAlias(id, given)).Refusal?.Detail;
    }

    public async Task Run(string sql) => await Database.Query<int>($"WITH done AS ({sql} RETURNING 1) SELECT 1");

    public static DateTime? Day(string? date) => date is null
        ? null
        : DateOnly.Parse(date, System.Globalization.CultureInfo.InvariantCulture)
            .ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc);
}

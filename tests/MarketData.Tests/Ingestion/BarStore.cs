using System.Text;
using Bifrost.MarketData.Bars;
using Bifrost.MarketData.Files;
using Bifrost.MarketData.Ingestion;
using Bifrost.MarketData.Rollups;
using Bifrost.MarketData.Storage;
using Npgsql;

namespace Bifrost.MarketData.Tests.Ingestion;

/// <summary>A database of bars for a class of tests.</summary>
public sealed class BarStore : IAsyncLifetime
{
    public const string Header = "symbol,time,open,high,low,close,volume";

    private readonly TestDatabase database = new();
    private NpgsqlDataSource? source;
    private NpgsqlDataSource? owner;

    public NpgsqlDataSource Source => source!;

    public NpgsqlDataSource Owner => owner!;

    public string ConnectionString => database.ConnectionString;

    public BarRetention Retention => new(Owner, new BarStorage(StorageKind.Apache, "of the tests"));

    public async Task InitializeAsync()
    {
        await database.InitializeAsync();
        Connect(database.ConnectionString);
    }

    public async Task DisposeAsync()
    {
        await Source.DisposeAsync();
        await Owner.DisposeAsync();
        await database.DisposeAsync();
    }

    /// <summary>Another store, in a database that is already there.</summary>
    public static BarStore In(string connectionString)
    {
        var store = new BarStore();
        store.Connect(connectionString);
        return store;
    }

    private void Connect(string connectionString) => (source, owner) =
        (MarketConnections.Workers(connectionString), NpgsqlDataSource.Create(connectionString));

    /// <summary>Rows of the project's own CSV, without its header.</summary>
    public Task<IngestCounts> Ingest(BarInterval interval, string name, params string[] rows) =>
        Ingest(new BarFileOptions { Interval = interval }, name, string.Join('\n', rows.Prepend(Header)));

    public async Task<IngestCounts> Ingest(BarFileOptions options, string name, string text)
    {
        using var content = new MemoryStream(Encoding.UTF8.GetBytes(text));
        return await Ingest(options, name, content);
    }

    public Task<IngestCounts> Ingest(
        BarFileOptions options, string name, Stream content, bool onPurpose = true) =>
        new BarIngestion(new BarWriter(Source)).Run(
            BarFile.Read(content, options, CancellationToken.None),
            options.Interval,
            new BarOrigin(name, onPurpose));

    public Task<long> RollUp() => new BarRollups(Source).Run();

    /// <summary>The rows of a query, as PostgreSQL writes them.</summary>
    public async Task<string[]> Rows(string sql)
    {
        await using var command = Source.CreateCommand($"SELECT q::text FROM ({sql}) AS q");
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<string>();
        while (await reader.ReadAsync())
            rows.Add(reader.GetString(0));
        return [.. rows];
    }

    /// <summary>Runs a statement as the owner and returns its first value.</summary>
    public async Task<T> Query<T>(string sql)
    {
        await using var command = Owner.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>
    /// A minute of 2024-03-08 as a row: closes at the price, having been a cent away from it both ways.
    /// </summary>
    public static string Minute(string symbol, string time, decimal close, long volume = 100) =>
        FormattableString.Invariant(
            $"{symbol},2024-03-08T{time}:00Z,{close},{close + 0.01m},{close - 0.01m},{close},{volume}");
}

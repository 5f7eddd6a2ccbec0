using System.Diagnostics;
using System.Globalization;
using Bifrost.MarketData.Bars;
using Bifrost.MarketData.Files;
using Npgsql;

namespace Bifrost.MarketData.Tests.Ingestion;

/// <summary>The operator's tool in a process of its own, which is killed while it loads a file.</summary>
public sealed class KilledIngestTests : IAsyncLifetime
{
    private const int Rows = 150_000;
    private const string LastSymbol = "ZZZ";

    private const string SomebodyWaits =
        """
        SELECT EXISTS (
            SELECT FROM pg_locks l JOIN pg_stat_activity a USING (pid)
            WHERE NOT l.granted AND l.locktype = 'transactionid' AND a.datname = current_database()
        )
        """;

    private static readonly string[] Tables =
    [
        """
        SELECT symbol, time, open, high, low, close, volume, adj_close FROM market_stock_hist_bars_min_ts ORDER BY 1, 2
        """,
        "SELECT * FROM hourly_price_aggregates ORDER BY 1, 2",
        "SELECT * FROM daily_price_aggregates ORDER BY 1, 2",
        "SELECT * FROM weekly_price_aggregates ORDER BY 1, 2",
        "SELECT symbol, price, volume, time, bar_interval FROM market_last_price ORDER BY 1",
        "SELECT source, bar_interval, line, reason, detail, raw FROM market_bar_quarantine ORDER BY 3",
        "SELECT * FROM market_bar_flag ORDER BY 1, 2, 3, 4",
        "SELECT bar_interval, symbol, time, close, source FROM market_bar_correction ORDER BY 2, 3",
        "SELECT symbol FROM market_symbol ORDER BY 1",
        "SELECT * FROM market_bar_pending",
    ];

    private readonly BarStore killed = new();
    private readonly BarStore clean = new();
    private readonly string file = Path.Combine(Path.GetTempPath(), $"bifrost-{Guid.NewGuid():N}.csv");

    public async Task InitializeAsync()
    {
        await killed.InitializeAsync();
        await clean.InitializeAsync();
        await File.WriteAllLinesAsync(file, Lines());
    }

    public async Task DisposeAsync()
    {
        File.Delete(file);
        await killed.DisposeAsync();
        await clean.DisposeAsync();
    }

    [Fact]
    public async Task a_load_that_is_killed_and_run_again_leaves_what_one_clean_load_does()
    {
        await using (var held = new NpgsqlConnection(killed.ConnectionString))
        {
            await held.OpenAsync();
            await HoldLastBatch(held);
            using var first = Start(killed.ConnectionString);
            // Some of it is committed, and some of it is not.
            await Eventually.Is(
                () => first.HasExited
                    ? throw new InvalidOperationException($"It ended with {first.ExitCode}.")
                    : killed.Query<bool>(SomebodyWaits),
                TimeSpan.FromSeconds(60),
                () => "It does not come to the last batch.");
            first.Kill();
            await first.WaitForExitAsync();
        }
        (await killed.Query<long>("SELECT count(*) FROM market_stock_hist_bars_min_ts"))
            .ShouldBeInRange(1, Rows - 1000);

        (await Run(killed.ConnectionString)).ShouldBe(0);
        await using (var content = File.OpenRead(file))
        {
            await clean.Ingest(
                new BarFileOptions { Interval = BarInterval.Min }, Path.GetFileName(file), content);
        }
        await clean.RollUp();

        foreach (var table in Tables)
            (await Sum(killed, table)).ShouldBe(await Sum(clean, table), table);
    }

    // The batch that has this symbol has to wait for who is writing it already.
    private static async Task HoldLastBatch(NpgsqlConnection connection)
    {
        const string Sql =
            $"""
            BEGIN;
            INSERT INTO market_symbol (symbol, name, market, asset_type, status) VALUES ('{LastSymbol}', '', '', '', '')
            """;
        await using var hold = new NpgsqlCommand(Sql, connection);
        await hold.ExecuteNonQueryAsync();
    }

    // Of every kind of row something: gaps, bars twice, and rows that cannot be true.
    private static IEnumerable<string> Lines()
    {
        yield return BarStore.Header;
        var time = new DateTime(2024, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        for (var i = 0; i < Rows; i++)
        {
            var minute = time.AddMinutes(i / 10 + i / 5000 - (i % 7001 == 0 ? 1 : 0));
            var symbol = i < Rows - 1 ? $"S{i % 10}" : LastSymbol;
            var close = 100 + i % 13;
            var high = i % 4999 == 0 ? close - 1 : close + 1;
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"{symbol},{minute:yyyy-MM-ddTHH:mm:ssZ},{close},{high},{close - 2},{close},{i}");
        }
    }

    private static Task<string> Sum(BarStore store, string table) =>
        store.Query<string>(
            $"SELECT count(*) || ' rows, ' || coalesce(md5(string_agg(t::text, '/')), '') FROM ({table}) t");

    private async Task<int> Run(string database)
    {
        using var run = Start(database);
        await run.WaitForExitAsync();
        return run.ExitCode;
    }

    private Process Start(string database)
    {
        var process = Process.Start(OperatorTool.Of(database, "ingest", file, "--interval", "min"))!;
        // What it says is not kept, and must not fill its pipe.
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }
}

using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Bifrost.Api.Http;
using Bifrost.Domain;
using Bifrost.Domain.Portfolios;
using Bifrost.Grains;
using Bifrost.Replay.TimeTravel;
using Npgsql;
using Spectre.Console;

namespace Bifrost.Cli.Replay;

/// <summary>A number that would be otherwise.</summary>
internal sealed record SupposedNumber(int Portfolio, string What, decimal Recorded, decimal Otherwise)
{
    public decimal Difference => Otherwise - Recorded;
}

/// <summary>Prints by how much portfolios would differ from what is recorded.</summary>
internal static class WhatIfView
{
    private const string Portfolios = "SELECT portfolio_id FROM portfolio ORDER BY 1";

    public static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new DecimalText() },
    };

    public static async Task<int> Show(
        int? portfolioId, Moment moment, Supposition supposition, bool asJson, CancellationToken cancel)
    {
        await using var database = LedgerConnections.Readers(Settings.Database);
        var (whatIf, numbers) = (new WhatIf(database), new List<SupposedNumber>());
        var missed = supposition.Without.ToHashSet();
        foreach (var id in portfolioId is { } one ? [one] : await All(database, cancel))
        {
            if (await whatIf.Read(id, moment, supposition, cancel) is { } supposed)
            {
                numbers.AddRange(Compare(id, supposed.Recorded.State, supposed.Otherwise));
                missed.IntersectWith(supposed.Missed);
            }
            else if (portfolioId is not null)
            {
                throw new OperatorException($"Nothing was known of a portfolio {id} then.");
            }
        }
        if (missed.Count > 0)
            throw new OperatorException($"There is no event {missed.Min()} to leave out{Of(portfolioId)}.");
        if (asJson)
            Console.WriteLine(JsonSerializer.Serialize(numbers, Json));
        else
            Print(numbers);
        return 0;
    }

    public static string Plain(decimal number) => Money.Normalize(number).ToString(CultureInfo.InvariantCulture);

    private static string Of(int? portfolioId) => portfolioId is { } id ? $" in portfolio {id}" : "";

    private static async Task<List<int>> All(NpgsqlDataSource database, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(Portfolios);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var ids = new List<int>();
        while (await reader.ReadAsync(cancel))
            ids.Add(reader.GetInt32(0));
        return ids;
    }

    private static IEnumerable<SupposedNumber> Compare(int id, Portfolio recorded, Portfolio otherwise)
    {
        List<SupposedNumber> numbers =
        [
            new(id, "cash", recorded.Cash, otherwise.Cash),
            .. recorded.OtherCash.Keys.Union(otherwise.OtherCash.Keys).Order(StringComparer.Ordinal).Select(
                code => new SupposedNumber(id, $"cash {code}", recorded.CashIn(code), otherwise.CashIn(code))),
            new(id, "realized P&L", recorded.RealizedPnl, otherwise.RealizedPnl),
        ];
        foreach (var symbol in recorded.Holdings.Keys.Union(otherwise.Holdings.Keys).Order(StringComparer.Ordinal))
        {
            var one = recorded.Holdings.GetValueOrDefault(symbol);
            var other = otherwise.Holdings.GetValueOrDefault(symbol);
            numbers.Add(new(id, $"{symbol} quantity", one?.Quantity ?? 0, other?.Quantity ?? 0));
            numbers.Add(new(id, $"{symbol} cost basis", one?.CostBasis ?? 0, other?.CostBasis ?? 0));
            numbers.Add(new(id, $"{symbol} realized P&L", one?.RealizedPnl ?? 0, other?.RealizedPnl ?? 0));
        }
        return numbers.Where(number => number.Difference != 0);
    }

    private static void Print(List<SupposedNumber> numbers)
    {
        if (numbers.Count == 0)
        {
            Console.WriteLine("nothing would differ from what is recorded");
            return;
        }
        var table = new Spectre.Console.Table().AddColumns("portfolio", "what", "recorded", "otherwise", "difference");
        foreach (var n in numbers)
        {
            var by = n.Difference.ToString("+0.################;-0.################", CultureInfo.InvariantCulture);
            table.AddRow(new[] { $"{n.Portfolio}", n.What, Plain(n.Recorded), Plain(n.Otherwise), by }
                .Select(Markup.Escape).ToArray());
        }
        AnsiConsole.Write(table);
        Console.WriteLine(
            $"{numbers.Count} numbers of {numbers.DistinctBy(n => n.Portfolio).Count()} portfolios would differ");
    }
}

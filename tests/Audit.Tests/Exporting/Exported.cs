using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Bifrost.Audit.Exporting;
using Npgsql;

namespace Bifrost.Audit.Tests.Exporting;

/// <summary>An export as text, and what a journal says at its end.</summary>
internal static partial class Exported
{
    public static async Task<string> As(string format, NpgsqlDataSource database, ExportScope? scope = null)
    {
        using var output = new MemoryStream();
        await ExportFormat.Of(format)!.Export(database, null, scope ?? new ExportScope(), output);
        return Encoding.UTF8.GetString(output.ToArray());
    }

    /// <summary>The balances that a journal asserts, by account and commodity.</summary>
    public static Dictionary<(string Account, string Commodity), decimal> Balances(string journal) =>
        BalanceLine().Matches(journal).ToDictionary(
            line => (line.Groups[1].Value, line.Groups[3].Value),
            line => decimal.Parse(line.Groups[2].Value, CultureInfo.InvariantCulture));

    /// <summary>The lots that a journal leaves open at cost, added up line by line.</summary>
    public static decimal AtCost(string journal, string account) => LotLine().Matches(journal)
        .Where(line => line.Groups[1].Value == account)
        .Sum(line => Number(line.Groups[2].Value) * Number(line.Groups[3].Value));

    private static decimal Number(string text) => decimal.Parse(text, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^\d{4}-\d\d-\d\d balance (\S+) (-?[\d.]+) (\S+)$", RegexOptions.Multiline)]
    private static partial Regex BalanceLine();

    [GeneratedRegex(@"^  (\S+)  (-?[\d.]+) \S+ \{([\d.]+) ", RegexOptions.Multiline)]
    private static partial Regex LotLine();
}

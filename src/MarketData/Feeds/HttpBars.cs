using System.Globalization;
using System.Runtime.CompilerServices;
using Bifrost.MarketData.Bars;
using Bifrost.MarketData.Files;

namespace Bifrost.MarketData.Feeds;

/// <summary>Bars from an address that answers with CSV or JSON in any of the forms that files may have.</summary>
/// <param name="address">
/// Where {symbol} stands it is asked once for each symbol; {from} becomes the time from which bars are missing, in
/// RFC 3339, and {fromEpoch} the same in seconds.
/// </param>
public sealed class HttpBars(
    HttpClient http, string address, IReadOnlyList<string> symbols, BarFileOptions options, TimeProvider clock)
    : IBarProvider
{
    // How far back the first call goes where nothing is stored yet.
    private static readonly TimeSpan FirstCall = TimeSpan.FromDays(5);

    // Without what may be a key in the query.
    public string Source { get; } = new UriBuilder(address.Split('?')[0].Replace("{symbol}", "*")).Host;

    public string Market => "UNKNOWN";

    public BarInterval Interval => options.Interval;

    public IReadOnlyList<string> Symbols => symbols;

    public async IAsyncEnumerable<BarBatch> Fetch(
        DateTime? newest, [EnumeratorCancellation] CancellationToken cancel)
    {
        var from = newest ?? clock.GetUtcNow().UtcDateTime - FirstCall;
        string?[] asked = address.Contains("{symbol}", StringComparison.Ordinal) ? [.. symbols] : [null];
        foreach (var symbol in asked)
        {
            using var response = await http.GetAsync(
                Address(symbol, from), HttpCompletionOption.ResponseHeadersRead, cancel);
            response.EnsureSuccessStatusCode();
            await using var content = await response.Content.ReadAsStreamAsync(cancel);
            await foreach (var batch in BarFile.Read(content, options with { Symbol = symbol }, cancel))
                yield return batch;
        }
    }

    private Uri Address(string? symbol, DateTime from) => new(address
        .Replace("{symbol}", Uri.EscapeDataString(symbol ?? ""))
        .Replace("{from}", Uri.EscapeDataString(from.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture)))
        .Replace("{fromEpoch}", new DateTimeOffset(from).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)));
}

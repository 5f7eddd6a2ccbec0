using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Bifrost.Domain;
using Bifrost.MarketData.Bars;

namespace Bifrost.MarketData.Prices;

/// <summary>
/// A price as JSON: <c>{"symbol": "ORCL", "price": "45.1", "volume": 1200, "time": "2024-03-08T14:30:00Z",
/// "interval": "min"}</c>. It stands so in Redis, in messages between processes and in those to clients.
/// </summary>
public static class PriceJson
{
    public static void Write(Utf8JsonWriter json, LastPrice price)
    {
        json.WriteStartObject();
        json.WriteString("symbol", price.Symbol);
        // A string, because a JavaScript number would lose digits.
        json.WriteString("price", Money.Normalize(price.Price).ToString(CultureInfo.InvariantCulture));
        json.WriteNumber("volume", price.Volume);
        json.WriteString("time", DateTime.SpecifyKind(price.Time, DateTimeKind.Utc));
        json.WriteString("interval", price.Interval.Word());
        json.WriteEndObject();
    }

    internal static byte[] Write(LastPrice price)
    {
        var text = new ArrayBufferWriter<byte>(128);
        using (var json = new Utf8JsonWriter(text))
            Write(json, price);
        return text.WrittenSpan.ToArray();
    }

    /// <summary>Null where the text is not a price, for instance because another version wrote it.</summary>
    internal static LastPrice? Read(ReadOnlyMemory<byte> text)
    {
        try
        {
            using var json = JsonDocument.Parse(text);
            return Read(json.RootElement);
        }
        catch (Exception e) when (IsNoPrice(e))
        {
            return null;
        }
    }

    internal static LastPrice Read(JsonElement json) => new(
        json.GetProperty("symbol").GetString()!,
        decimal.Parse(json.GetProperty("price").GetString()!, NumberStyles.Number, CultureInfo.InvariantCulture),
        json.GetProperty("volume").GetInt64(),
        json.GetProperty("time").GetDateTime(),
        Enum.Parse<BarInterval>(json.GetProperty("interval").GetString()!, ignoreCase: true));

    /// <summary>What reading throws where the text is not one of ours.</summary>
    internal static bool IsNoPrice(Exception e) => e is JsonException or FormatException or OverflowException
        or KeyNotFoundException or InvalidOperationException or ArgumentException;
}

using System.Text.Json;

namespace Bifrost.MarketData.Files.Source;

/// <summary>Tells JSON from delimited text by its beginning, and an array from objects on lines.</summary>
internal static class JsonShape
{
    private static readonly string[] Wrappers = ["items", "data", "bars", "results", "values"];

    /// <summary>The objects of the window's text, which is passed up to the first; null where it is no JSON.</summary>
    public static Records? Find(ByteWindow window)
    {
        var text = window.Sample;
        var start = FirstAfter(text, 0);
        if (start < 0)
            return null;
        if (text[start] == '[' && IsArray(text, start))
        {
            window.Take(start + 1);
            return new ElementRecords(window, isWrapped: false);
        }
        if (text[start] != '{')
            return null;
        if (Wrapped(text[start..]) is not { } array)
            return new LineRecords(window);
        window.Take(start + array);
        return new ElementRecords(window, isWrapped: true);
    }

    // A column's name may stand in brackets as well.
    private static bool IsArray(ReadOnlySpan<byte> text, int start) =>
        FirstAfter(text, start + 1) is var next && (next < 0 || text[next] is (byte)'{' or (byte)'[' or (byte)']');

    private static int FirstAfter(ReadOnlySpan<byte> text, int start) =>
        text[start..].IndexOfAnyExcept(" \t\r\n"u8) is var step and >= 0 ? start + step : -1;

    // Where the elements begin of an array that is the value of one of the object's properties.
    private static int? Wrapped(ReadOnlySpan<byte> text)
    {
        var reader = new Utf8JsonReader(text, isFinalBlock: false, default);
        try
        {
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isWrapper = Wrappers.Contains(reader.GetString(), StringComparer.OrdinalIgnoreCase);
                if (!reader.Read())
                    return null;
                var elements = (int)reader.BytesConsumed;
                if (isWrapper && reader.TokenType == JsonTokenType.StartArray && IsArray(text, elements - 1))
                    return elements;
                if (!reader.TrySkip())
                    return null;
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The beginning is no JSON object, and its lines will say so one by one.
        }
        return null;
    }
}

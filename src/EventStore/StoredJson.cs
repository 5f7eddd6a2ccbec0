using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Bifrost.EventStore;

/// <summary>
/// JSON as PostgreSQL prints a jsonb: what is hashed when an event is written has to be what the log gives back.
/// </summary>
/// <remarks>
/// Members are ordered by the length of their name in bytes, then by its bytes; a comma and a colon are followed by a
/// space; strings escape only quotes, backslashes and control characters; numbers have no exponent. See "JSON Types" in
/// PostgreSQL's documentation, and docs/audit.md.
/// </remarks>
internal static class StoredJson
{
    private static readonly SearchValues<byte> Digits = SearchValues.Create("123456789"u8);

    private static readonly SearchValues<byte> Exponent = SearchValues.Create("eE"u8);

    /// <param name="json">JSON in UTF-8 whose objects name each member once.</param>
    public static byte[] Of(ReadOnlySpan<byte> json)
    {
        // Each comma and colon gets a space; what an escape takes becomes less.
        var text = new ArrayBufferWriter<byte>(json.Length + json.Length / 4);
        var reader = new Utf8JsonReader(json);
        reader.Read();
        Write(json, ref reader, text);
        return text.WrittenSpan.ToArray();
    }

    private static void Write(ReadOnlySpan<byte> json, ref Utf8JsonReader reader, ArrayBufferWriter<byte> text)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                WriteObject(json, ref reader, text);
                break;
            case JsonTokenType.StartArray:
                WriteArray(json, ref reader, text);
                break;
            case JsonTokenType.String:
                WriteString(ref reader, text);
                break;
            case JsonTokenType.Number:
                WriteNumber(reader.ValueSpan, text);
                break;
            default:
                text.Write(reader.ValueSpan);
                break;
        }
    }

    private static void WriteObject(ReadOnlySpan<byte> json, ref Utf8JsonReader reader, ArrayBufferWriter<byte> text)
    {
        var members = new List<Member>(16);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            // Names are ours: none has to be escaped.
            var name = (int)reader.TokenStartIndex + 1;
            var nameEnd = name + reader.ValueSpan.Length;
            reader.Read();
            var value = (int)reader.TokenStartIndex;
            reader.Skip();
            members.Add(new Member(name..nameEnd, value..(int)reader.BytesConsumed));
        }
        Sort(json, members);
        text.Write("{"u8);
        var isFirst = true;
        foreach (var (name, value) in members)
        {
            text.Write(isFirst ? "\""u8 : ", \""u8);
            text.Write(json[name]);
            text.Write("\": "u8);
            var inner = new Utf8JsonReader(json[value]);
            inner.Read();
            Write(json[value], ref inner, text);
            isFirst = false;
        }
        text.Write("}"u8);
    }

    private static void WriteArray(ReadOnlySpan<byte> json, ref Utf8JsonReader reader, ArrayBufferWriter<byte> text)
    {
        text.Write("["u8);
        for (var isFirst = true; reader.Read() && reader.TokenType != JsonTokenType.EndArray; isFirst = false)
        {
            if (!isFirst)
                text.Write(", "u8);
            Write(json, ref reader, text);
        }
        text.Write("]"u8);
    }

    private static void WriteString(ref Utf8JsonReader reader, ArrayBufferWriter<byte> text)
    {
        text.Write("\""u8);
        if (reader.ValueIsEscaped)
            WriteUnescaped(ref reader, text);
        else
            text.Write(reader.ValueSpan);
        text.Write("\""u8);
    }

    private static void WriteUnescaped(ref Utf8JsonReader reader, ArrayBufferWriter<byte> text)
    {
        var value = new byte[reader.ValueSpan.Length];
        foreach (var c in value.AsSpan(0, reader.CopyString(value)))
        {
            switch (c)
            {
                case (byte)'"':
                    text.Write("\\\""u8);
                    break;
                case (byte)'\\':
                    text.Write("\\\\"u8);
                    break;
                case (byte)'\b':
                    text.Write("\\b"u8);
                    break;
                case (byte)'\f':
                    text.Write("\\f"u8);
                    break;
                case (byte)'\n':
                    text.Write("\\n"u8);
                    break;
                case (byte)'\r':
                    text.Write("\\r"u8);
                    break;
                case (byte)'\t':
                    text.Write("\\t"u8);
                    break;
                case < 0x20:
                    text.Write(Encoding.ASCII.GetBytes($"\\u{c:x4}"));
                    break;
                default:
                    text.Write([c]);
                    break;
            }
        }
    }

    private static void WriteNumber(ReadOnlySpan<byte> number, ArrayBufferWriter<byte> text)
    {
        if (number.ContainsAny(Exponent))
            throw new NotSupportedException("A number with an exponent is not stored as it is written.");
        // PostgreSQL knows no negative zero.
        var isNegativeZero = number[0] == '-' && !number.ContainsAny(Digits);
        text.Write(isNegativeZero ? number[1..] : number);
    }

    // A handful of members that come nearly in order: inserting is quicker than a sort that calls a comparison.
    private static void Sort(ReadOnlySpan<byte> json, List<Member> members)
    {
        for (var i = 1; i < members.Count; i++)
        {
            var moving = members[i];
            var at = i;
            for (; at > 0 && Compare(json[moving.Name], json[members[at - 1].Name]) < 0; at--)
                members[at] = members[at - 1];
            members[at] = moving;
        }
    }

    private static int Compare(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right) =>
        left.Length != right.Length ? left.Length.CompareTo(right.Length) : left.SequenceCompareTo(right);

    private readonly record struct Member(Range Name, Range Value);
}

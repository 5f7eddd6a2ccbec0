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
        var buffer = ArrayPool<byte>.Shared.Rent(2 * json.Length);
        var text = new Text(buffer);
        var reader = new Utf8JsonReader(json);
        reader.Read();
        Write(json, ref reader, ref text);
        var written = text.Written.ToArray();
        ArrayPool<byte>.Shared.Return(buffer);
        return written;
    }

    private static void Write(ReadOnlySpan<byte> json, ref Utf8JsonReader reader, ref Text text)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                WriteObject(json, ref reader, ref text);
                break;
            case JsonTokenType.StartArray:
                WriteArray(json, ref reader, ref text);
                break;
            case JsonTokenType.String:
                WriteString(ref reader, ref text);
                break;
            case JsonTokenType.Number:
                WriteNumber(reader.ValueSpan, ref text);
                break;
            default:
                text.Add(reader.ValueSpan);
                break;
        }
    }

    private static void WriteObject(ReadOnlySpan<byte> json, ref Utf8JsonReader reader, ref Text text)
    {
        var members = ArrayPool<Member>.Shared.Rent(32);
        var count = 0;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (count == members.Length)
                Grow(ref members);
            members[count++] = Next(ref reader);
        }
        var sorted = members.AsSpan(0, count);
        Sort(json, sorted);
        text.Add("{"u8);
        for (var i = 0; i < sorted.Length; i++)
        {
            ref readonly var member = ref sorted[i];
            text.Add(i == 0 ? "\""u8 : ", \""u8);
            text.Add(json[member.Name..member.NameEnd]);
            text.Add("\": "u8);
            var value = json[member.Value..member.ValueEnd];
            if (member.IsAsItIs)
                text.Add(value);
            else
                WriteApart(value, ref text);
        }
        text.Add("}"u8);
        ArrayPool<Member>.Shared.Return(members);
    }

    private static Member Next(ref Utf8JsonReader reader)
    {
        // Names are ours: none has to be escaped.
        var name = (int)reader.TokenStartIndex + 1;
        var nameEnd = name + reader.ValueSpan.Length;
        reader.Read();
        var value = (int)reader.TokenStartIndex;
        var isAsItIs = reader.TokenType switch
        {
            JsonTokenType.String => !reader.ValueIsEscaped,
            JsonTokenType.Number => IsAsItIs(reader.ValueSpan),
            JsonTokenType.True or JsonTokenType.False or JsonTokenType.Null => true,
            _ => false,
        };
        reader.Skip();
        return new Member(name, nameEnd, value, (int)reader.BytesConsumed, isAsItIs);
    }

    private static void Grow(ref Member[] members)
    {
        var more = ArrayPool<Member>.Shared.Rent(2 * members.Length);
        members.CopyTo(more, 0);
        ArrayPool<Member>.Shared.Return(members);
        members = more;
    }

    private static void WriteApart(ReadOnlySpan<byte> value, ref Text text)
    {
        var reader = new Utf8JsonReader(value);
        reader.Read();
        Write(value, ref reader, ref text);
    }

    private static void WriteArray(ReadOnlySpan<byte> json, ref Utf8JsonReader reader, ref Text text)
    {
        text.Add("["u8);
        for (var isFirst = true; reader.Read() && reader.TokenType != JsonTokenType.EndArray; isFirst = false)
        {
            if (!isFirst)
                text.Add(", "u8);
            Write(json, ref reader, ref text);
        }
        text.Add("]"u8);
    }

    private static void WriteString(ref Utf8JsonReader reader, ref Text text)
    {
        text.Add("\""u8);
        if (reader.ValueIsEscaped)
            WriteUnescaped(ref reader, ref text);
        else
            text.Add(reader.ValueSpan);
        text.Add("\""u8);
    }

    private static void WriteUnescaped(ref Utf8JsonReader reader, ref Text text)
    {
        var value = new byte[reader.ValueSpan.Length];
        foreach (var c in value.AsSpan(0, reader.CopyString(value)))
        {
            switch (c)
            {
                case (byte)'"':
                    text.Add("\\\""u8);
                    break;
                case (byte)'\\':
                    text.Add("\\\\"u8);
                    break;
                case (byte)'\b':
                    text.Add("\\b"u8);
                    break;
                case (byte)'\f':
                    text.Add("\\f"u8);
                    break;
                case (byte)'\n':
                    text.Add("\\n"u8);
                    break;
                case (byte)'\r':
                    text.Add("\\r"u8);
                    break;
                case (byte)'\t':
                    text.Add("\\t"u8);
                    break;
                case < 0x20:
                    text.Add(Encoding.ASCII.GetBytes($"\\u{c:x4}"));
                    break;
                default:
                    text.Add([c]);
                    break;
            }
        }
    }

    private static bool IsAsItIs(ReadOnlySpan<byte> number) =>
        !number.ContainsAny(Exponent) && !IsNegativeZero(number);

    // PostgreSQL knows none.
    private static bool IsNegativeZero(ReadOnlySpan<byte> number) => number[0] == '-' && !number.ContainsAny(Digits);

    private static void WriteNumber(ReadOnlySpan<byte> number, ref Text text)
    {
        if (number.ContainsAny(Exponent))
            throw new NotSupportedException("A number with an exponent is not stored as it is written.");
        text.Add(IsNegativeZero(number) ? number[1..] : number);
    }

    // A handful of members that come nearly in order: inserting is quicker than a sort that calls a comparison.
    private static void Sort(ReadOnlySpan<byte> json, Span<Member> members)
    {
        for (var i = 1; i < members.Length; i++)
        {
            var moving = members[i];
            var at = i;
            for (; at > 0 && IsBefore(json, moving, members[at - 1]); at--)
                members[at] = members[at - 1];
            members[at] = moving;
        }
    }

    private static bool IsBefore(ReadOnlySpan<byte> json, in Member one, in Member other)
    {
        var longer = one.NameEnd - one.Name - (other.NameEnd - other.Name);
        return longer < 0
            || (longer == 0
                && json[one.Name..one.NameEnd].SequenceCompareTo(json[other.Name..other.NameEnd]) < 0);
    }

    /// <summary>Where a member's name and value stand in the JSON.</summary>
    /// <param name="IsAsItIs">The value is printed as it was written.</param>
    private readonly record struct Member(int Name, int NameEnd, int Value, int ValueEnd, bool IsAsItIs);

    private ref struct Text(Span<byte> buffer)
    {
        private readonly Span<byte> buffer = buffer;
        private int length;

        public readonly ReadOnlySpan<byte> Written => buffer[..length];

        public void Add(scoped ReadOnlySpan<byte> part)
        {
            part.CopyTo(buffer[length..]);
            length += part.Length;
        }
    }
}

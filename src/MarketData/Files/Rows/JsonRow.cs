using System.Text.Json;
using Bifrost.MarketData.Files.Columns;

namespace Bifrost.MarketData.Files.Rows;

/// <summary>A JSON object whose properties have the names that columns have.</summary>
internal sealed class JsonRow : RowForm
{
    // The names of the object before, in their order, which most objects of a file share.
    private readonly List<(byte[] Name, KnownName? Known)> names = [];
    private readonly int[] ranks = new int[ColumnNames.Count];
    private byte[] text = new byte[1024];
    private int length;

    // Values are copied one after another, since those with escapes are shorter than they are written.
    public override ReadOnlySpan<byte> Locate(ReadOnlySpan<byte> record, FieldMap fields, out Refusal? refusal)
    {
        fields.Clear();
        Array.Fill(ranks, int.MaxValue);
        length = 0;
        if (text.Length < record.Length)
            text = new byte[record.Length];
        refusal = null;
        try
        {
            if (!TryRead(record, fields))
                refusal = Refusal.Unparsable("The row is no JSON object.");
        }
        catch (JsonException e)
        {
            refusal = Refusal.Unparsable($"The row is malformed JSON at byte {e.BytePositionInLine + 1}.");
        }
        catch (InvalidOperationException)
        {
            // So the reader answers to halves of surrogate pairs and to what is not UTF-8.
            refusal = Refusal.Unparsable("The row is JSON with text that is no Unicode.");
        }
        return text.AsSpan(0, length);
    }

    private bool TryRead(ReadOnlySpan<byte> record, FieldMap fields)
    {
        var reader = new Utf8JsonReader(record);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            return false;
        for (var ordinal = 0; reader.Read() && reader.TokenType == JsonTokenType.PropertyName; ordinal++)
        {
            var known = Find(ref reader, ordinal);
            reader.Read();
            if (known is { } name && name.Rank <= ranks[(int)name.Column])
            {
                ranks[(int)name.Column] = name.Rank;
                fields.Set(name.Column, Copy(ref reader));
            }
            reader.Skip();
        }
        // There is nothing behind the object, or this says that the row is malformed.
        reader.Read();
        return true;
    }

    private KnownName? Find(ref Utf8JsonReader reader, int ordinal)
    {
        if (!reader.ValueIsEscaped && ordinal < names.Count && reader.ValueSpan.SequenceEqual(names[ordinal].Name))
            return names[ordinal].Known;
        if (reader.ValueIsEscaped)
            return ColumnNames.Find(text.AsSpan(length, reader.CopyString(text.AsSpan(length))));
        var known = ColumnNames.Find(reader.ValueSpan);
        if (ordinal < names.Count)
            names[ordinal] = (reader.ValueSpan.ToArray(), known);
        else if (ordinal == names.Count)
            names.Add((reader.ValueSpan.ToArray(), known));
        return known;
    }

    private Field Copy(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.Null)
            return new Field(length, 0, false);
        var isString = reader.TokenType == JsonTokenType.String;
        var start = length;
        if (reader.ValueIsEscaped)
        {
            length += reader.CopyString(text.AsSpan(length));
        }
        else
        {
            reader.ValueSpan.CopyTo(text.AsSpan(length));
            length += reader.ValueSpan.Length;
        }
        var value = text.AsSpan(start, length - start);
        var trimmed = value.TrimStart(" \t"u8);
        return new Field(length - trimmed.Length, trimmed.TrimEnd(" \t"u8).Length, isString);
    }
}

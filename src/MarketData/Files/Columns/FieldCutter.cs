namespace Bifrost.MarketData.Files.Columns;

/// <summary>
/// Cuts a line at a delimiter into fields, without the space around them and without their quotes. Two quotes for one
/// stay as they are: no symbol, time or number has any.
/// </summary>
internal ref struct FieldCutter
{
    private readonly ReadOnlySpan<byte> line;
    private readonly byte delimiter;
    private readonly bool hasQuotes;
    private int next;

    public FieldCutter(ReadOnlySpan<byte> line, byte delimiter)
    {
        this.line = line;
        this.delimiter = delimiter;
        var odd = line.IndexOfAny((byte)'"', (byte)0);
        hasQuotes = odd >= 0;
        HasNul = odd >= 0 && line[odd..].Contains((byte)0);
    }

    public bool HasNul { get; }

    /// <summary>A quote was not closed, or text followed it.</summary>
    public bool IsBroken { get; private set; }

    public bool TryNext(out Field field)
    {
        field = default;
        if (next > line.Length)
            return false;
        if (hasQuotes && TryQuoted(ref field))
            return !IsBroken;
        var length = line[next..].IndexOf(delimiter);
        if (length < 0)
            length = line.Length - next;
        field = Trimmed(next, length);
        next += length + 1;
        return true;
    }

    private readonly Field Trimmed(int start, int length)
    {
        while (length > 0 && line[start] is (byte)' ' or (byte)'\t')
            (start, length) = (start + 1, length - 1);
        while (length > 0 && line[start + length - 1] is (byte)' ' or (byte)'\t')
            length--;
        return new Field(start, length, false);
    }

    private bool TryQuoted(ref Field field)
    {
        var start = next;
        while (start < line.Length && line[start] is (byte)' ' or (byte)'\t' && line[start] != delimiter)
            start++;
        if (start == line.Length || line[start] != '"')
            return false;
        var end = ClosingQuote(++start);
        var after = end + 1;
        while (end >= 0 && after < line.Length && line[after] == ' ')
            after++;
        IsBroken = end < 0 || (after < line.Length && line[after] != delimiter);
        if (!IsBroken)
            field = Trimmed(start, end - start) with { IsQuoted = true };
        next = after + 1;
        return true;
    }

    private readonly int ClosingQuote(int from)
    {
        while (line[from..].IndexOf((byte)'"') is var step and >= 0)
        {
            from += step + 1;
            if (from == line.Length || line[from] != '"')
                return from - 1;
            from++;
        }
        return -1;
    }
}

using System.Buffers;

namespace Bifrost.MarketData.Files.Source;

/// <summary>
/// The elements of a JSON array whose bracket was read. Only their ends are looked for, so that an element which is no
/// JSON, such as one with a bare NaN, is one bad row and not the end of the file.
/// </summary>
/// <param name="isWrapped">The array is the value of a property, and the rest of that object follows it.</param>
internal sealed class ElementRecords(ByteWindow window, bool isWrapped) : Records(window)
{
    private static readonly SearchValues<byte> Structure = SearchValues.Create("\"{}[]"u8);
    private static readonly SearchValues<byte> ScalarEnds = SearchValues.Create(",]} \t\r\n"u8);

    public override bool TryNext(out ReadOnlySpan<byte> record)
    {
        record = default;
        if (At.IsDone || At.Failure is not null)
            return PassOver();
        Window.Take(Window.Unread.IndexOfAnyExcept(" \t\r\n,"u8) is var skip and >= 0 ? skip : Window.Unread.Length);
        var unread = Window.Unread;
        if (unread.IsEmpty)
            return BreakOff();
        if (unread[0] == ']')
        {
            At.IsDone = true;
            Window.Take(1);
            return PassOver();
        }
        var length = EndOf(unread);
        if (length < 0 && unread.Length <= Longest)
            return BreakOff();
        if (length is < 0 or > Longest)
            return Fail("The JSON has an element of more than 64 KB");
        At.Number++;
        record = unread[..length];
        Window.Take(length);
        return true;
    }

    private bool BreakOff() => Window is { AtEnd: true, IsDamaged: false } && Fail("The JSON breaks off");

    private bool Fail(string failure)
    {
        At.Failure = failure;
        return false;
    }

    // What follows is read to its end all the same: gzip tells only there whether it is whole.
    private bool PassOver()
    {
        if (!isWrapped && At.Failure is null && Window.Unread.ContainsAnyExcept(" \t\r\n"u8))
            return Fail("The JSON array ends and other text follows");
        Window.Take(Window.Unread.Length);
        return false;
    }

    private static int EndOf(ReadOnlySpan<byte> text)
    {
        if (text[0] == '"')
            return ClosingQuote(text, 1) + 1 is var quoted and > 0 ? quoted : -1;
        if (text[0] is not ((byte)'{' or (byte)'['))
            return text.IndexOfAny(ScalarEnds) is var length and >= 0 ? Math.Max(length, 1) : -1;
        var depth = 0;
        for (var at = 0; at < text.Length; at++)
        {
            var step = text[at..].IndexOfAny(Structure);
            if (step < 0)
                return -1;
            at += step;
            if (text[at] == '"')
                at = ClosingQuote(text, at + 1);
            else
                depth += text[at] is (byte)'{' or (byte)'[' ? 1 : -1;
            if (at < 0)
                return -1;
            if (depth == 0)
                return at + 1;
        }
        return -1;
    }

    private static int ClosingQuote(ReadOnlySpan<byte> text, int from)
    {
        while (from < text.Length)
        {
            var step = text[from..].IndexOfAny((byte)'"', (byte)'\\');
            if (step < 0)
                return -1;
            if (text[from + step] == '"')
                return from + step;
            from += step + 2;
        }
        return -1;
    }
}

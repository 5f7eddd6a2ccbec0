using Bifrost.MarketData.Files.Rows;

namespace Bifrost.MarketData.Files.Times;

/// <summary>Goes through the text of a time from its beginning to its end.</summary>
internal ref struct TimeScanner(ReadOnlySpan<byte> text)
{
    // Nine digits are less than 2^31.
    private const int MostDigits = 9;

    private readonly ReadOnlySpan<byte> text = text;

    public int At { get; private set; }

    public readonly bool IsAtEnd => At == text.Length;

    /// <summary>The byte that is next, 0 at the end.</summary>
    public readonly byte Next => IsAtEnd ? (byte)0 : text[At];

    public readonly bool IsAtLetter => char.IsAsciiLetter((char)Next);

    public readonly ReadOnlySpan<byte> Rest => text[At..];

    public void Pass(int count) => At += count;

    public bool TryPass(byte letter)
    {
        if (Next != letter || IsAtEnd)
            return false;
        At++;
        return true;
    }

    /// <summary>All digits that follow as a number, and how many they are.</summary>
    public bool TryNumber(out int number, out int digits)
    {
        (number, digits) = (0, 0);
        while (At < text.Length && Digits.Of(text[At]) is var digit and <= 9)
        {
            if (++digits > MostDigits)
                return false;
            number = number * 10 + (int)digit;
            At++;
        }
        return digits > 0;
    }
}

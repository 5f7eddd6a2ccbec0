namespace Bifrost.MarketData.Files.Rows;

/// <summary>A number with many digits or an exponent, as the whole number and the power of ten that it is.</summary>
internal ref struct LongNumber
{
    // 2^96 - 1, the largest whole number that a decimal holds, has 29 digits.
    private const int MostDigits = 29;
    private const int MostDecimals = 28;
    private const int LargestExponent = 1_000_000;

    private static readonly UInt128 Largest = (UInt128.One << 96) - 1;

    private readonly ReadOnlySpan<byte> text;
    private int at;
    private UInt128 mantissa;
    private int digits;
    private int zeros;
    private int exponent;

    private LongNumber(ReadOnlySpan<byte> text) => this.text = text;

    public static Number Parse(ReadOnlySpan<byte> unsigned, bool isNegative)
    {
        var number = new LongNumber(unsigned);
        if (!number.TryRead())
            return new Number(NumberKind.NoNumber, 0, isNegative);
        if (number.digits == 0)
            return new Number(NumberKind.Exact, 0, false);
        return number.TryDecimal(isNegative, out var value)
            ? new Number(NumberKind.Exact, value, isNegative)
            : new Number(NumberKind.TooLong, 0, isNegative);
    }

    private bool TryRead()
    {
        var count = TakeDigits();
        if (at < text.Length && text[at] == '.')
        {
            at++;
            var decimals = TakeDigits();
            count += decimals;
            exponent -= decimals;
        }
        return count > 0 && (at == text.Length || TryExponent());
    }

    private int TakeDigits()
    {
        var start = at;
        for (; at < text.Length && Digits.Of(text[at]) is var digit and <= 9; at++)
            Append(digit);
        return at - start;
    }

    // Zeros are counted and not multiplied until another digit follows: at the end they are a power of ten, and at the
    // beginning nothing.
    private void Append(uint digit)
    {
        if (digit == 0)
        {
            zeros += digits == 0 ? 0 : 1;
            return;
        }
        var more = zeros + 1;
        digits = digits + more > MostDigits ? MostDigits + 1 : digits + more;
        if (digits <= MostDigits)
            mantissa = mantissa * Power(more) + digit;
        zeros = 0;
    }

    private bool TryExponent()
    {
        if (text[at++] is not ((byte)'e' or (byte)'E'))
            return false;
        var isNegative = at < text.Length && text[at] == '-';
        if (at < text.Length && text[at] is (byte)'+' or (byte)'-')
            at++;
        var (start, power) = (at, 0);
        for (; at < text.Length && Digits.Of(text[at]) is var digit and <= 9; at++)
            power = Math.Min(power * 10 + (int)digit, LargestExponent);
        exponent += isNegative ? -power : power;
        return at > start && at == text.Length;
    }

    private readonly bool TryDecimal(bool isNegative, out decimal value)
    {
        value = 0;
        var power = exponent + zeros;
        if (digits > MostDigits || power < -MostDecimals || digits + Math.Max(power, 0) > MostDigits)
            return false;
        var whole = power > 0 ? mantissa * Power(power) : mantissa;
        if (whole > Largest)
            return false;
        var (low, high) = unchecked(((ulong)whole, (int)(uint)(whole >> 64)));
        value = unchecked(new decimal(
            (int)low, (int)(low >> 32), high, isNegative, (byte)Math.Max(-power, 0)));
        return true;
    }

    private static UInt128 Power(int exponent)
    {
        var power = UInt128.One;
        for (var i = 0; i < exponent; i++)
            power *= 10;
        return power;
    }
}

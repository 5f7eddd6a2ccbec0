using System.Runtime.CompilerServices;

namespace Bifrost.MarketData.Files.Rows;

internal static class Digits
{
    /// <summary>The value of a digit; more than 9 for any other byte.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Of(byte letter) => unchecked((uint)(letter - '0'));

    public static bool AreAll(ReadOnlySpan<byte> text) => !text.ContainsAnyExceptInRange((byte)'0', (byte)'9');
}

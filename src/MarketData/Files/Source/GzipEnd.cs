using System.IO.Compression;

namespace Bifrost.MarketData.Files.Source;

/// <summary>
/// A gzip member that is put behind a packed source. <see cref="GZipStream"/> takes data that breaks off for data that
/// ends, and what follows a member for nothing, unless a switch of the whole process says otherwise. Behind whole data
/// this member comes out as it went in; behind any other it does not.
/// </summary>
internal static class GzipEnd
{
    private static readonly byte[] Text = "The gzip data ended here."u8.ToArray();

    public static ReadOnlyMemory<byte> Packed { get; } = Pack();

    public static bool Is(ReadOnlySpan<byte> unpacked) => unpacked.SequenceEqual(Text);

    private static byte[] Pack()
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.NoCompression, leaveOpen: true))
            gzip.Write(Text);
        return packed.ToArray();
    }
}

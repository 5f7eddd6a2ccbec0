using System.Globalization;
using System.IO.Compression;
using System.Text;
using Bifrost.MarketData.Bars;
using Bifrost.MarketData.Files;
using Bifrost.MarketData.Quality;

namespace Bifrost.MarketData.Tests.Files;

/// <summary>All that reading a file gave.</summary>
/// <param name="Failure">What the exception said that ended it; null where none did.</param>
internal sealed record FileRead(IReadOnlyList<BarBatch> Batches, string? Failure)
{
    public const string Header = "symbol,time,open,high,low,close,volume\n";

    public static readonly BarFileOptions Minutes = new() { Interval = BarInterval.Min, Clock = new FixedClock() };

    public static readonly BarFileOptions Days = Minutes with { Interval = BarInterval.Day };

    public IReadOnlyList<Bar> Bars { get; } = [.. Batches.SelectMany(batch => batch.Bars)];

    public IReadOnlyList<QuarantinedRow> Quarantined { get; } = [.. Batches.SelectMany(batch => batch.Quarantined)];

    public IReadOnlyList<BarFlag> Flags { get; } = [.. Batches.SelectMany(batch => batch.Flags)];

    /// <summary>The only row, which is a bar.</summary>
    public Bar Bar
    {
        get
        {
            Quarantined.ShouldBeEmpty();
            return Bars.ShouldHaveSingleItem();
        }
    }

    /// <summary>The only row, which is no bar.</summary>
    public QuarantinedRow Bad
    {
        get
        {
            Bars.ShouldBeEmpty();
            return Quarantined.ShouldHaveSingleItem();
        }
    }

    public static Task<FileRead> Of(string text, BarFileOptions? options = null) =>
        Of(Encoding.UTF8.GetBytes(text), options);

    public static Task<FileRead> Of(byte[] content, BarFileOptions? options = null) =>
        Of(new MemoryStream(content), options);

    public static async Task<FileRead> Of(Stream content, BarFileOptions? options = null)
    {
        var batches = new List<BarBatch>();
        try
        {
            await foreach (var batch in BarFile.Read(content, options ?? Minutes, CancellationToken.None))
                batches.Add(batch);
        }
        catch (UnreadableBarsException e)
        {
            return new FileRead(batches, e.Message);
        }
        return new FileRead(batches, null);
    }

    /// <summary>A file in the project's own form.</summary>
    public static Task<FileRead> OfRows(params string[] rows) => Of(Header + string.Join('\n', rows));

    /// <summary>What is said of a file that cannot be read.</summary>
    public static async Task<string> Refused(string text, BarFileOptions? options = null)
    {
        var read = await Of(text, options);
        read.Batches.ShouldBeEmpty();
        return read.Failure.ShouldNotBeNull();
    }

    public static byte[] Gzip(byte[] content)
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal))
            gzip.Write(content);
        return packed.ToArray();
    }

    public static DateTime Utc(string time) => DateTime.Parse(
        time, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal);
}

/// <summary>It is noon of the first day of 2026.</summary>
internal sealed class FixedClock : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
}

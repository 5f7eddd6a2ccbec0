using System.Globalization;
using System.Text;
using Bifrost.MarketData.Quality;

namespace Bifrost.MarketData.Tests.Files;

/// <summary>Files that break off, and rows that are far too long.</summary>
public sealed class DamageTests
{
    private const string Good = "KO,2020-01-02T09:30:00Z,2,4,1,3,100\n";

    // Packed, each row takes some bytes, so that the damage lies somewhere among the rows.
    private static readonly string Rows = FileRead.Header + string.Concat(
        Enumerable.Range(0, 40_000).Select(i => string.Create(
            CultureInfo.InvariantCulture, $"KO,2020-01-02T09:30:00Z,2,4,1,3,{i * 2_654_435_761L % 1_000_003}\n")));

    private static readonly byte[] Packed = FileRead.Gzip(Encoding.UTF8.GetBytes(Rows));

    private static readonly Lazy<Task<FileRead>> Whole = new(() => FileRead.Of(Packed));

    [Theory]
    [InlineData(0.1)]
    [InlineData(0.5)]
    [InlineData(0.999)]
    public async Task gzip_that_ends_early_gives_the_rows_before_and_not_the_one_it_cuts(double part)
    {
        var read = await FileRead.Of(Packed[..(int)(Packed.Length * part)]);
        read.Bars.Count.ShouldBeGreaterThan((int)(40_000 * part * 0.9));
        read.Bars.Count.ShouldBeLessThan(40_000);
        read.Bars.ShouldBe((await Whole.Value).Bars.Take(read.Bars.Count));
        read.Quarantined.ShouldBeEmpty();
        read.Failure.ShouldBe($"The gzip data is damaged after row {read.Bars.Count}.");
    }

    [Fact]
    public async Task gzip_without_its_last_bytes_gives_all_rows_and_is_damaged_all_the_same()
    {
        var read = await FileRead.Of(Packed[..^1]);
        read.Bars.Count.ShouldBe(40_000);
        read.Failure.ShouldBe("The gzip data is damaged after row 40000.");
    }

    [Fact]
    public async Task gzip_whose_sum_does_not_fit_is_damaged()
    {
        var packed = Packed.ToArray();
        packed[^8] ^= 1;
        (await FileRead.Of(packed)).Failure.ShouldNotBeNull().ShouldStartWith("The gzip data is damaged after row ");
    }

    [Fact]
    public async Task gzip_that_is_corrupt_in_its_middle_gives_the_rows_before()
    {
        var packed = Packed.ToArray();
        packed.AsSpan(packed.Length / 2, 200).Fill(0xFF);
        var read = await FileRead.Of(packed, FileRead.Minutes with { BatchRows = 1_000 });
        // What the damage made of the bytes after it may still have looked like rows.
        read.Bars.Count.ShouldBeInRange(10_000, 30_000);
        read.Bars.Take(10_000).ShouldBe((await Whole.Value).Bars.Take(10_000));
        read.Failure.ShouldBe($"The gzip data is damaged after row {read.Batches.Sum(batch => batch.Rows)}.");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task gzip_is_damaged_where_a_second_member_cannot_be_read(int at)
    {
        var second = FileRead.Gzip(Encoding.UTF8.GetBytes(Good));
        second[at] ^= 0x10;
        var read = await FileRead.Of([.. Packed, .. second]);
        read.Bars.Count.ShouldBe(40_000);
        read.Failure.ShouldBe("The gzip data is damaged after row 40000.");
    }

    [Theory]
    [InlineData(2)]
    [InlineData(12)]
    [InlineData(20)]
    public async Task gzip_that_ends_before_any_row_is_refused(int length)
    {
        var read = await FileRead.Of(Packed[..length]);
        read.Batches.ShouldBeEmpty();
        read.Failure.ShouldNotBeNull().ShouldStartWith("The gzip data is damaged before its first row.");
    }

    [Fact]
    public async Task a_packed_array_that_ends_early_is_damaged_and_not_malformed()
    {
        var json = "[" + string.Join(',', Rows.Split('\n')[1..^1].Select(row =>
            $$"""{"s":"KO","t":1577957400,"o":2,"h":4,"l":1,"c":3,"v":{{row.Split(',')[6]}}}""")) + "]";
        var packed = FileRead.Gzip(Encoding.UTF8.GetBytes(json));
        var read = await FileRead.Of(packed[..(packed.Length / 2)]);
        read.Bars.Count.ShouldBeInRange(15_000, 25_000);
        read.Failure.ShouldBe($"The gzip data is damaged after row {read.Bars.Count}.");
    }

    [Theory]
    [InlineData(64 * 1024, false)]
    [InlineData(64 * 1024 + 1, true)]
    [InlineData(200_000, true)]
    [InlineData(1_000_000, true)]
    public async Task a_line_longer_than_64_kb_is_one_bad_row_and_the_file_goes_on(int length, bool isTooLong)
    {
        var line = "KO,x," + new string('y', length - 5);
        foreach (var end in new[] { "\n", "\r\n" })
        {
            var text = FileRead.Header + (Good + line + "\n" + Good).Replace("\n", end, StringComparison.Ordinal);
            var insideTheEnd = FileRead.Header.Length + Good.Length + line.Length + 2 * end.Length - 2;
            foreach (var most in new[] { 1_000, 65_537, insideTheEnd, 10_000_000 })
            {
                var read = await FileRead.Of(new Trickle(Encoding.UTF8.GetBytes(text), most));
                read.Bars.Count.ShouldBe(2);
                read.Quarantined.ShouldBe(
                [
                    new QuarantinedRow(
                        3, QuarantineReason.UNPARSABLE,
                        isTooLong ? "The line is longer than 64 KB." : "7 fields are named and the row has 3.",
                        line[..QuarantinedRow.LongestRaw]),
                ]);
            }
        }
    }

    [Fact]
    public async Task a_file_that_ends_within_a_long_line_has_that_row_once()
    {
        foreach (var most in new[] { 1_000, 65_537, 10_000_000 })
        {
            var content = Encoding.UTF8.GetBytes(FileRead.Header + Good + new string('y', 150_000));
            var read = await FileRead.Of(new Trickle(content, most));
            (read.Bars.Count, read.Quarantined.Count, read.Failure).ShouldBe((1, 1, null));
        }
    }

    [Fact]
    public async Task a_first_line_longer_than_64_kb_is_refused() =>
        (await FileRead.Refused(new string('x', 100_000))).ShouldContain("first line is longer than 64 KB");

    [Fact]
    public async Task zeros_at_the_end_of_a_file_are_one_bad_row()
    {
        var rows = string.Concat(Enumerable.Repeat(Good, 10));
        var read = await FileRead.Of(FileRead.Header + rows + new string('\0', 9_000));
        read.Bars.Count.ShouldBe(10);
        var bad = read.Quarantined.ShouldHaveSingleItem();
        (bad.Line, bad.Raw).ShouldBe((12, new string('\uFFFD', QuarantinedRow.LongestRaw)));
    }

    [Fact]
    public async Task a_fault_of_the_stream_itself_is_not_taken_for_damage() =>
        await Should.ThrowAsync<NotSupportedException>(() => FileRead.Of(new Failing()));

    private sealed class Failing : MemoryStream
    {
        public override ValueTask<int> ReadAsync(
            Memory<byte> buffer, CancellationToken cancellationToken = default) => throw new NotSupportedException();
    }
}

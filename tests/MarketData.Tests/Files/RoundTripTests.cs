using System.Text;
using Bifrost.MarketData.Bars;
using Bifrost.MarketData.Files;

namespace Bifrost.MarketData.Tests.Files;

public sealed class RoundTripTests
{
    [Fact]
    public void bars_written_in_any_form_come_back_the_same() => Property.Holds(
        WrittenFile.Any,
        file => Read(file.Content, file.Options).Bars.ShouldBe(file.Bars),
        tests: 400);

    [Fact]
    public void a_stream_that_gives_some_bytes_at_once_gives_the_same() => Property.Holds(
        WrittenFile.Any,
        file =>
        {
            foreach (var most in new[] { 1, 2, 7, 4096 })
                Same(Read(new Trickle(file.Content, most), file.Options), Read(file.Content, file.Options));
        },
        tests: 100);

    [Fact]
    public void damaged_bytes_never_end_reading_but_by_the_exception_that_says_why() => Property.Holds(
        WrittenFile.Damaged,
        file =>
        {
            var whole = Read(file.Content, file.Options);
            var trickled = Read(new Trickle(file.Content, 1), file.Options);
            // How much is unpacked before the damage shows depends on how much is unpacked at once.
            if (!file.IsPacked)
                Same(trickled, whole);
            foreach (var row in whole.Quarantined)
            {
                row.Raw.ShouldNotContain('\0');
                row.Detail.ShouldNotContain('\0');
            }
        },
        tests: 400);

    [Fact]
    public async Task rows_across_the_ends_of_the_buffer_are_whole()
    {
        var rows = Enumerable.Range(0, 60_000)
            .Select(i => $"S{i % 997},2020-01-02T09:30:00Z,2,4,1,3,{i * 7919L}{(i % 5 == 0 ? "\r" : "")}\n");
        var content = Encoding.UTF8.GetBytes(FileRead.Header + string.Concat(rows));
        foreach (var most in new[] { 1, 251, 65_536, 262_143, int.MaxValue })
        {
            var read = await FileRead.Of(new Trickle(content, most));
            read.Quarantined.ShouldBeEmpty();
            read.Bars.Select(bar => bar.Volume).ShouldBe(Enumerable.Range(0, 60_000).Select(i => i * 7919L));
            read.Batches[^1].BytesRead.ShouldBe(content.Length);
        }
    }

    private static void Same(FileRead one, FileRead other)
    {
        one.Bars.ShouldBe(other.Bars);
        one.Quarantined.ShouldBe(other.Quarantined);
        one.Flags.ShouldBe(other.Flags);
        one.Failure.ShouldBe(other.Failure);
    }

    private static FileRead Read(byte[] content, BarFileOptions options) => Read(new MemoryStream(content), options);

    private static FileRead Read(Stream content, BarFileOptions options) =>
        FileRead.Of(content, options).GetAwaiter().GetResult();
}

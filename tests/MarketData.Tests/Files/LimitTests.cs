using System.Text;
using Bifrost.MarketData.Files;
using Bifrost.MarketData.Quality;
using static Bifrost.MarketData.Tests.Files.FileRead;

namespace Bifrost.MarketData.Tests.Files;

/// <summary>What is read and kept of a source has an end, however little was sent.</summary>
public sealed class LimitTests
{
    private const string Good = "A,2024-03-08T14:30:00Z,10,11,9,10,5\n";
    private const string Bad = "x\n";
    private const string Impossible = "A,2024-03-08T14:30:00Z,10,9,11,10,5\n";

    private static readonly LoadLimits Small = new() { BadRows = 10 };

    [Fact]
    public async Task a_million_lines_of_one_letter_are_given_up_before_they_take_room()
    {
        var read = await Of(Header + Times(Bad, 1_000_000));

        read.Failure.ShouldBe("Of 10001 rows 10001 are no bars, more than 50 %: reading was given up after row 10001.");
        read.Quarantined.Count.ShouldBe(10_001);
        read.Batches.Sum(batch => batch.Rows).ShouldBe(10_001);
    }

    [Fact]
    public async Task two_kilobytes_that_unpack_to_a_thousand_times_as_much_are_given_up()
    {
        var packed = Gzip(Encoding.UTF8.GetBytes(Header + Times(Good, 100_000)));
        packed.Length.ShouldBeLessThan(30_000);

        var read = await Of(packed);

        read.Failure.ShouldNotBeNull()
            .ShouldStartWith("The gzip data unpacks to more than 100 times its size after row ");
        read.Bars.Count.ShouldBeLessThan(50_000);
        (await Of(packed, Limited(new LoadLimits { Expansion = 10_000 }))).Bars.Count.ShouldBe(100_000);
    }

    [Fact]
    public async Task a_small_file_may_be_packed_as_well_as_it_likes()
    {
        var read = await Of(Gzip(Encoding.UTF8.GetBytes(Header + Times(Good, 20_000))));

        (read.Failure, read.Bars.Count).ShouldBe((null, 20_000));
    }

    [Fact]
    public async Task bad_rows_that_are_few_among_good_ones_are_counted_and_samples_are_kept_of_each_reason()
    {
        var read = await Of(
            Header + Times(Good, 200) + Times(Bad, 50) + Times(Impossible, 30) + Times(Good, 10), Limited(Small));

        read.Failure.ShouldBeNull();
        read.Bars.Count.ShouldBe(210);
        read.Quarantined.CountBy(row => row.Reason).ShouldBe(
        [
            new(QuarantineReason.UNPARSABLE, 10 + LoadLimits.SamplesOfReason),
            new(QuarantineReason.HIGH_BELOW_LOW, LoadLimits.SamplesOfReason),
        ]);
        read.Batches.Sum(batch => batch.NotKept).ShouldBe(80 - 10 - 2 * LoadLimits.SamplesOfReason);
        read.Batches.Sum(batch => batch.Rows).ShouldBe(290);
    }

    [Theory]
    [InlineData(10, null)]
    [InlineData(11, "Of 11 rows 11 are no bars, more than 50 %: reading was given up after row 11.")]
    public async Task a_file_of_bad_rows_alone_is_read_as_far_as_they_are_kept(int rows, string? failure)
    {
        var read = await Of(Header + Times(Bad, rows), Limited(Small));

        (read.Failure, read.Quarantined.Count).ShouldBe((failure, rows));
    }

    [Fact]
    public async Task the_share_of_bad_rows_is_that_of_all_that_were_read()
    {
        var limits = Limited(Small with { BadPercent = 20 });

        (await Of(Header + Times(Good, 80) + Times(Bad, 20), limits)).Failure.ShouldBeNull();
        (await Of(Header + Times(Good, 80) + Times(Bad, 21), limits)).Failure
            .ShouldBe("Of 101 rows 21 are no bars, more than 20 %: reading was given up after row 101.");
    }

    [Theory]
    [InlineData(5, null)]
    [InlineData(6, "A load has at most 5 rows: send the rest by itself, reading ended after row 5.")]
    public async Task rows_have_an_end(int rows, string? failure)
    {
        var read = await Of(Header + Times(Good, rows), Limited(new LoadLimits { Rows = 5 }));

        (read.Failure, read.Bars.Count).ShouldBe((failure, 5));
    }

    [Fact]
    public async Task limits_are_of_the_whole_source_and_not_of_a_batch()
    {
        var options = Limited(Small) with { BatchRows = 3 };

        (await Of(Header + Times(Bad, 30), options)).Batches.Sum(batch => batch.Rows).ShouldBe(11);
    }

    [Theory]
    [InlineData("[1,")]
    [InlineData("[{\"a\":")]
    [InlineData("[{\"time\":")]
    public async Task json_that_is_deep_wide_or_has_long_numbers_is_one_bad_row_or_unreadable(string opening)
    {
        foreach (var text in (string[])[Times(opening, 100_000), opening + new string('9', 1_000_000)])
        {
            var read = await Of(text);
            (read.Failure is not null || read.Quarantined.Count > 0).ShouldBeTrue();
            (read.Bars.Count, read.Quarantined.Count).ShouldBe((0, Math.Min(read.Quarantined.Count, 10_001)));
        }
    }

    [Theory]
    [InlineData("rows=5", true)]
    [InlineData("bad-rows=0,bad-percent=0", true)]
    [InlineData("expansion=1000, minutes=5", true)]
    [InlineData(LoadLimits.Form, true)]
    [InlineData("", false)]
    [InlineData("rows", false)]
    [InlineData("rows=0", false)]
    [InlineData("rows=-1", false)]
    [InlineData("rows=1e3", false)]
    [InlineData("lines=5", false)]
    [InlineData("minutes=99999999999999999999", false)]
    [InlineData("bad-percent=101", false)]
    public void limits_are_written_in_one_form(string text, bool isGood) =>
        (LoadLimits.Parse(text) is not null).ShouldBe(isGood);

    [Fact]
    public void the_form_tells_what_limits_are_by_themselves() => LoadLimits.Parse(LoadLimits.Form).ShouldBe(new());

    private static BarFileOptions Limited(LoadLimits limits) => Minutes with { Limits = limits };

    private static string Times(string text, int times) => string.Concat(Enumerable.Repeat(text, times));
}

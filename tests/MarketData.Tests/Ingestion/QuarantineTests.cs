using Bifrost.MarketData.Bars;
using Bifrost.MarketData.Files;
using Bifrost.MarketData.Ingestion;
using Bifrost.MarketData.Quality;
using static Bifrost.MarketData.Tests.Ingestion.BarStore;

namespace Bifrost.MarketData.Tests.Ingestion;

public sealed class QuarantineTests(BarStore store) : IClassFixture<BarStore>
{
    public static TheoryData<QuarantineReason, string> Rows() => new()
    {
        { QuarantineReason.UNPARSABLE, "A,2024-03-08T14:30:00Z,ten,11,9,10,5" },
        { QuarantineReason.NO_SYMBOL, ",2024-03-08T14:30:00Z,10,11,9,10,5" },
        { QuarantineReason.BAD_SYMBOL, "NO  SPACES,2024-03-08T14:30:00Z,10,11,9,10,5" },
        { QuarantineReason.NOT_FINITE, "A,2024-03-08T14:30:00Z,NaN,11,9,10,5" },
        { QuarantineReason.NEGATIVE_PRICE, "A,2024-03-08T14:30:00Z,-10,11,-12,10,5" },
        { QuarantineReason.NEGATIVE_VOLUME, "A,2024-03-08T14:30:00Z,10,11,9,10,-5" },
        { QuarantineReason.HIGH_BELOW_LOW, "A,2024-03-08T14:30:00Z,10,9,11,10,5" },
        { QuarantineReason.OPEN_OUTSIDE, "A,2024-03-08T14:30:00Z,12,11,9,10,5" },
        { QuarantineReason.CLOSE_OUTSIDE, "A,2024-03-08T14:30:00Z,10,11,9,8,5" },
        { QuarantineReason.FUTURE_TIME, "A,2999-03-08T14:30:00Z,10,11,9,10,5" },
        { QuarantineReason.TOO_LARGE, "A,2024-03-08T14:30:00Z,10,1000000000000,9,10,5" },
        { QuarantineReason.AMBIGUOUS_TIME, "A,2023-11-05 01:30,10,11,9,10,5" },
    };

    [Fact]
    public void each_reason_has_a_row_here() =>
        Rows().Select(row => (QuarantineReason)row[0]).ShouldBe(Enum.GetValues<QuarantineReason>());

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task a_row_that_cannot_be_true_is_kept_with_its_reason_and_the_file_goes_on(
        QuarantineReason reason, string row)
    {
        var source = $"file of {reason}";
        var before = Minute($"OK{(int)reason}", "14:30", 10);
        var after = Minute($"OK{(int)reason}", "14:31", 10);

        (await Load()).ShouldBe(new IngestCounts(3, 2, 0, 0, 1));
        (await store.Query<string>($"SELECT raw FROM market_bar_quarantine WHERE source = '{source}'")).ShouldBe(row);
        (await store.Rows($"SELECT line, reason, bar_interval FROM market_bar_quarantine WHERE source = '{source}'"))
            .ShouldBe([$"(3,{reason},min)"]);
        (await store.Query<string>($"SELECT detail FROM market_bar_quarantine WHERE source = '{source}'"))
            .ShouldNotBeEmpty();
        (await Load()).ShouldBe(new IngestCounts(3, 0, 0, 2, 1));
        (await store.Query<long>($"SELECT count(*) FROM market_bar_quarantine WHERE source = '{source}'")).ShouldBe(1);

        Task<IngestCounts> Load() => store.Ingest(
            new BarFileOptions { Interval = BarInterval.Min, TimeZone = "America/New_York" },
            source,
            string.Join('\n', Header, before, row, after));
    }

    [Fact]
    public async Task a_file_that_cannot_be_read_at_all_is_an_error_and_stores_nothing()
    {
        var options = new BarFileOptions { Interval = BarInterval.Min };

        var error = await Should.ThrowAsync<UnreadableBarsException>(
            () => store.Ingest(options, "letter", "Dear Sir or Madam,\nno prices today.\n"));

        error.Message.ShouldNotBeEmpty();
        (await store.Query<long>("SELECT count(*) FROM market_bar_quarantine WHERE source = 'letter'")).ShouldBe(0);
    }
}

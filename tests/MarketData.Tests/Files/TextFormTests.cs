using System.Text;
using Bifrost.MarketData.Bars;
using Bifrost.MarketData.Files;

namespace Bifrost.MarketData.Tests.Files;

/// <summary>How a delimited file is packed, encoded, cut into lines and cut into fields.</summary>
public sealed class TextFormTests
{
    private const string Row = "KO,2020-01-02T09:30:00Z,1,3,1,2,100";

    private static readonly Bar Expected = new(
        "KO", FileRead.Utc("2020-01-02T09:30Z"), new OpenHighLowClose(1, 3, 1, 2), 100, null);

    [Theory]
    [InlineData(',')]
    [InlineData(';')]
    [InlineData('\t')]
    [InlineData('|')]
    public async Task fields_are_cut_at_the_delimiter_of_the_header(char delimiter) =>
        (await FileRead.Of((FileRead.Header + Row).Replace(',', delimiter))).Bar.ShouldBe(Expected);

    [Theory]
    [InlineData("\n", "\n")]
    [InlineData("\n", "")]
    [InlineData("\r\n", "\r\n")]
    [InlineData("\r\n", "")]
    [InlineData("\r\n", "\r")]
    [InlineData("\n", "\r\n\r\n \t\r\n")]
    public async Task lines_end_with_lf_or_crlf_and_the_last_may_have_no_end(string end, string last) =>
        (await FileRead.Of(FileRead.Header.TrimEnd() + end + Row + last)).Bar.ShouldBe(Expected);

    [Fact]
    public async Task lines_that_end_with_cr_alone_are_refused_and_not_taken_for_one_header() =>
        (await FileRead.Refused(FileRead.Header.Replace('\n', '\r') + Row)).ShouldContain("CR alone");

    [Fact]
    public async Task a_byte_order_mark_is_no_part_of_the_first_name() =>
        (await FileRead.Of('\uFEFF' + FileRead.Header + Row)).Bar.ShouldBe(Expected);

    [Fact]
    public async Task gzip_is_known_by_its_first_bytes_and_may_have_several_members()
    {
        byte[] parts =
        [
            .. FileRead.Gzip(Encoding.UTF8.GetBytes('\uFEFF' + FileRead.Header + Row)),
            .. FileRead.Gzip(Encoding.UTF8.GetBytes("0\n" + Row)),
        ];
        foreach (var most in new[] { 1, 10_000 })
        {
            var read = await FileRead.Of(new Trickle(parts, most));
            read.Failure.ShouldBeNull();
            read.Bars.ShouldBe([Expected with { Volume = 1000 }, Expected]);
            read.Batches[^1].BytesRead.ShouldBe(parts.Length);
        }
    }

    [Fact]
    public async Task blank_lines_and_comments_are_no_rows_but_are_lines()
    {
        var read = await FileRead.Of($"\n# made by hand\n{FileRead.Header}\n  # none of these\n{Row}\n \nbad\n");
        read.Bars.ShouldBe([Expected]);
        read.Quarantined.ShouldHaveSingleItem().Line.ShouldBe(8);
    }

    [Fact]
    public async Task a_comment_longer_than_the_buffer_is_passed_over()
    {
        var comment = "#" + new string('-', 400_000) + "\n";
        (await FileRead.Of(comment + FileRead.Header + comment + Row)).Bar.ShouldBe(Expected);
    }

    [Fact]
    public async Task quotes_enclose_fields_with_delimiters_and_with_quotes()
    {
        var read = await FileRead.Of(
            "\"Symbol\", \"Name\" ,Time,Open,High,Low,\"Close\",Volume\n"
            + "\"KO\", \"Coca, \"\"Cola\"\"\" ,\"2020-01-02T09:30:00Z\",1,3, \"1\",2,\"100\"\n");
        read.Bar.ShouldBe(Expected);
    }

    [Theory]
    [InlineData("\"KO,2020-01-02T09:30:00Z,1,3,1,2,100", "The quotes of field 1 do not enclose it.")]
    [InlineData("KO,2020-01-02T09:30:00Z,\"1\"0,3,1,2,100", "The quotes of field 3 do not enclose it.")]
    public async Task a_quote_that_is_not_closed_costs_its_row_only(string row, string detail)
    {
        var read = await FileRead.OfRows(row, Row);
        read.Bars.ShouldBe([Expected]);
        read.Quarantined.ShouldHaveSingleItem().Detail.ShouldBe(detail);
    }

    [Theory]
    [InlineData("KO,2020-01-02T09:30:00Z,1,3,1,2", "7 fields are named and the row has 6.")]
    [InlineData("KO", "7 fields are named and the row has 1.")]
    [InlineData("KO,2020-01-02T09:30:00Z,1,3,1,2,1,234", "7 fields are named and the row has 8.")]
    public async Task fields_too_few_or_too_many_could_stand_in_wrong_columns(string row, string detail) =>
        (await FileRead.OfRows(row)).Bad.Detail.ShouldBe(detail);

    [Fact]
    public async Task empty_fields_at_the_end_move_nothing()
    {
        (await FileRead.OfRows(Row + ",,")).Bar.ShouldBe(Expected);
        (await FileRead.Of(FileRead.Header.TrimEnd() + ",\n" + Row + ",")).Bar.ShouldBe(Expected);
        (await FileRead.Of(FileRead.Header.TrimEnd() + ",\n" + Row)).Bar.ShouldBe(Expected);
    }

    [Theory]
    [InlineData("utf-16")]
    [InlineData("utf-16BE")]
    public async Task utf_16_is_refused_with_what_to_do(string encoding)
    {
        var utf16 = Encoding.GetEncoding(encoding);
        var read = await FileRead.Of([.. utf16.GetPreamble(), .. utf16.GetBytes(FileRead.Header + Row)]);
        read.Failure.ShouldBe("The file is UTF-16: save it as UTF-8, for example with iconv -f UTF-16 -t UTF-8.");
    }

    [Fact]
    public async Task what_is_no_text_is_refused()
    {
        var noise = new byte[5000];
        for (var i = 0; i < noise.Length; i++)
            noise[i] = (byte)(i * 37 % 251 < 40 ? 0 : i * 37 % 251);
        (await FileRead.Of(noise)).Failure.ShouldNotBeNull().ShouldContain("NUL bytes");
        (await FileRead.Of(Encoding.Unicode.GetBytes(FileRead.Header + Row))).Failure.ShouldNotBeNull()
            .ShouldContain("NUL bytes");
    }

    [Fact]
    public async Task an_empty_file_is_refused_and_one_with_a_header_has_no_rows()
    {
        (await FileRead.Refused("")).ShouldBe("The file is empty.");
        (await FileRead.Of(FileRead.Gzip([]))).Failure.ShouldBe("The file is empty.");
        (await FileRead.Refused("\n# nothing\n")).ShouldBe("The file has neither a header line nor rows.");
        var read = await FileRead.Of(FileRead.Header);
        (read.Failure, read.Batches.Count).ShouldBe((null, 0));
    }

    [Fact]
    public async Task batches_have_as_many_rows_as_wanted_whether_bars_or_not()
    {
        var text = FileRead.Header + string.Concat(Enumerable.Repeat($"{Row}\nbad\n", 5));
        var read = await FileRead.Of(text, FileRead.Minutes with { BatchRows = 5 });
        read.Batches.Select(batch => batch.Rows).ShouldBe([5, 5]);
        var uneven = await FileRead.Of(text + "bad", FileRead.Minutes with { BatchRows = 5 });
        uneven.Batches.Select(batch => batch.Rows).ShouldBe([5, 5, 1]);
        uneven.Batches[^1].BytesRead.ShouldBe(text.Length + 3);
    }

    [Fact]
    public async Task the_stream_stays_open_and_a_cancelled_read_ends()
    {
        var content = new MemoryStream(Encoding.UTF8.GetBytes(FileRead.Header + Row));
        await FileRead.Of(content);
        content.CanRead.ShouldBeTrue();
        content.Position = 0;
        await Should.ThrowAsync<OperationCanceledException>(async () =>
        {
            await foreach (var batch in BarFile.Read(content, FileRead.Minutes, new CancellationToken(true)))
                batch.ShouldBeNull();
        });
    }
}

using System.Text;
using Bifrost.MarketData.Bars;
using Bifrost.MarketData.Files;
using Bifrost.MarketData.Quality;

namespace Bifrost.MarketData.Tests.Files;

public sealed class JsonTests
{
    private const string Object =
        """{"symbol":"KO","time":"2020-01-02T09:30:00Z","open":2,"high":4,"low":1,"close":3,"volume":100}""";

    private static readonly Bar Expected = new(
        "KO", FileRead.Utc("2020-01-02T09:30Z"), new OpenHighLowClose(2, 4, 1, 3), 100, null);

    [Theory]
    [InlineData("""{"SYMBOL":"ko","Time":"2020-01-02 09:30","Open":"2.0","High":"4","L":1.0e0,"Close":3,"V":"100"}""")]
    [InlineData("""{"v":100,"c":3,"l":1,"h":4,"o":2,"t":1577957400000,"s":"KO","n":7}""")]
    [InlineData("""  { "ticker" : "KO", "date": "20200102", "time": "09:30", "o":2,"h":4,"l":1,"c":3,"v":1e2 }  """)]
    [InlineData("""{"S\u0079mbol":"\u004bO","time":"1\/2\/2020 9:30","o":2,"h":4,"l":1,"c":3,"v":"\t100 "}""")]
    [InlineData("""{"s":"KO","x":{"open":9,"y":[1,{"l":7}]},"t":1577957400,"o":2,"h":4,"l":1,"c":3,"v":100}""")]
    [InlineData("""{"s":"KO","t":1577957400,"o":2,"h":4,"l":1,"last":9,"close":3,"c":8,"price":8,"v":100}""")]
    [InlineData("""{"s":"PEP","s":"KO","t":1577957400,"o":2,"h":4,"l":1,"c":3,"v":100}""")]
    public async Task properties_have_the_names_that_columns_have(string json)
    {
        foreach (var text in new[] { json, $"[{json}]", $"{{\"count\":1,\"Data\":[{json}],\"next\":null}}" })
            (await FileRead.Of(text, FileRead.Minutes with { DateOrder = DateOrder.MonthDayYear }))
                .Bar.ShouldBe(Expected);
    }

    [Fact]
    public async Task objects_on_lines_are_counted_by_line()
    {
        var read = await FileRead.Of($"\uFEFF{Object}\r\n\r\nnonsense\r\n{Object}");
        read.Bars.ShouldBe([Expected, Expected]);
        read.Quarantined.ShouldHaveSingleItem().Line.ShouldBe(3);
    }

    [Theory]
    [InlineData("[{0},{1},{0}]")]
    [InlineData(" [\n  {0},\n  {1},\n  {0}\n]\n")]
    [InlineData("{{\"meta\":{{\"data\":[1]}},\"results\":[{0},{1},{0}],\"status\":\"OK\"}}")]
    [InlineData("{{\n \"Items\" : [{0},{1},{0}]\n}}")]
    [InlineData("{{\"bars\":[{0},{1},{0}]}}")]
    [InlineData("{{\"values\":[{0},{1},{0}]}}")]
    public async Task elements_of_an_array_are_counted_from_one(string form)
    {
        var bad = Object.Replace("3,", "9,", StringComparison.Ordinal);
        var read = await FileRead.Of(string.Format(null, form, Object, bad));
        read.Failure.ShouldBeNull();
        read.Bars.ShouldBe([Expected, Expected]);
        read.Quarantined.ShouldBe(
            [new QuarantinedRow(2, QuarantineReason.CLOSE_OUTSIDE, "close '9' is not within 1 and 4.", bad)]);
    }

    [Theory]
    [InlineData("""{"s":"KO","t":1577957400,"o":NaN,"h":4,"l":1,"c":3}""", "The row is malformed JSON")]
    [InlineData("""{"s":"K]O}","t":1577957400,"o":2,,"h":4}""", "The row is malformed JSON")]
    [InlineData("""{"s":"\ud800","t":1577957400,"o":2,"h":4,"l":1,"c":3}""", "The row is JSON with text")]
    [InlineData("""{"s":"KO","t":1577957400,"o":{"a":"}"},"h":4,"l":1,"c":3}""", "open '{' is no number.")]
    [InlineData("""{"s":"KO","t":1577957400,"o":true,"h":4,"l":1,"c":3}""", "open 'true' is no number.")]
    [InlineData("""{"s":"KO","t":1577957400,"o":null,"h":4,"l":1,"c":3}""", "open '' is empty.")]
    [InlineData("""{"s":"KO","t":1577957400,"h":4,"l":1,"c":3}""", "open '' is missing.")]
    [InlineData("""{"s":"KO","t":1577957400,"o":2,"h":4,"l":1,"c":3,"v":"1,00"}""", "volume '1,00' is no number.")]
    [InlineData("""{"s":"KO","t":null,"o":2,"h":4,"l":1,"c":3}""", "time is empty.")]
    [InlineData("""{"s":"KO","o":2,"h":4,"l":1,"c":3}""", "time is missing.")]
    [InlineData("""{"s":null,"t":1577957400,"o":2,"h":4,"l":1,"c":3}""", "symbol '' names none.")]
    [InlineData("""[1577957400,2,4,1,3]""", "The row is no JSON object.")]
    [InlineData("\"]\"", "The row is no JSON object.")]
    [InlineData("17", "The row is no JSON object.")]
    [InlineData("""{"s":"K\\\"]O"}""", "time is missing.")]
    public async Task an_object_that_is_no_bar_costs_itself_only(string json, string detail)
    {
        foreach (var text in new[] { $"{Object}\n{json}\n{Object}", $"[{Object},{json},{Object}]" })
        {
            var read = await FileRead.Of(text);
            read.Failure.ShouldBeNull();
            read.Bars.ShouldBe([Expected, Expected]);
            var bad = read.Quarantined.ShouldHaveSingleItem();
            (bad.Line, bad.Raw).ShouldBe((2, json));
            bad.Detail.ShouldStartWith(detail);
        }
    }

    [Fact]
    public async Task volume_and_adjusted_close_may_be_left_out()
    {
        var read = await FileRead.Of(
            """
            {"symbol":"KO","time":1577957400,"open":2,"high":4,"low":1,"close":3}
            {"symbol":"KO","time":1577957400,"open":2,"high":4,"low":1,"close":3,"adjClose":2.5}
            {"symbol":"KO","time":1577957400,"open":2,"high":4,"low":1,"close":3,"adjClose":null}
            """);
        read.Bars.Select(bar => (bar.Volume, bar.AdjClose)).ShouldBe([(0, null), (0, 2.5m), (0, null)]);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{\"data\":[]}")]
    [InlineData(" [ \n ] ")]
    public async Task an_empty_array_has_no_rows(string json)
    {
        var read = await FileRead.Of(json);
        (read.Failure, read.Batches.Count).ShouldBe((null, 0));
    }

    [Theory]
    [InlineData("{\"date\":\"2020-01-02\",\"value\":3}", "The objects have date, value; needed are date or time")]
    [InlineData("{}", "The objects have no properties; needed are")]
    [InlineData("[{}]", "The objects have no properties; needed are")]
    [InlineData("[[1577957400,2,4,1,3]]", "The JSON array has no objects")]
    [InlineData("{\"t\":1577957400,\"o\":2,\"h\":4,\"l\":1,\"c\":3}", "No property names the symbol of a row: give")]
    public async Task objects_that_could_never_be_bars_are_refused(string json, string said) =>
        (await FileRead.Refused(json)).ShouldStartWith(said);

    [Fact]
    public async Task a_symbol_may_be_given_for_all_objects()
    {
        var read = await FileRead.Of(
            "{\"results\":[{\"t\":1577957400,\"o\":2,\"h\":4,\"l\":1,\"c\":3,\"v\":100}]}",
            FileRead.Minutes with { Symbol = "KO" });
        read.Bar.ShouldBe(Expected);
    }

    [Theory]
    [InlineData("[{0},{0}", "The JSON breaks off after row 2.")]
    [InlineData("[{0},{0},{{\"symbol\":", "The JSON breaks off after row 2.")]
    [InlineData("[{0},{0}] [{0}]", "The JSON array ends and other text follows after row 2.")]
    public async Task an_array_that_does_not_end_well_gives_its_rows_and_says_so(string form, string failure)
    {
        var read = await FileRead.Of(string.Format(null, form, Object));
        read.Bars.ShouldBe([Expected, Expected]);
        read.Failure.ShouldBe(failure);
    }

    [Fact]
    public async Task an_element_longer_than_any_bar_ends_the_array()
    {
        var read = await FileRead.Of($"[{Object},{{\"symbol\":\"{new string('K', 70_000)}\"}},{Object}]");
        read.Bars.ShouldBe([Expected]);
        read.Failure.ShouldBe("The JSON has an element of more than 64 KB after row 1.");
    }

    [Fact]
    public async Task text_that_is_no_utf_8_costs_its_object()
    {
        byte[] bad = [.. Encoding.UTF8.GetBytes(Object.Replace("KO", "K*", StringComparison.Ordinal))];
        bad[Array.IndexOf(bad, (byte)'*')] = 0xC3;
        var read = await FileRead.Of([.. Encoding.UTF8.GetBytes(Object + "\n"), .. bad]);
        read.Bars.ShouldBe([Expected]);
        read.Quarantined.ShouldHaveSingleItem().Raw.ShouldStartWith("{\"symbol\":\"K\uFFFD\"");
    }

    [Fact]
    public async Task an_array_of_any_length_is_read_in_batches()
    {
        var json = $"{{\"data\":[{string.Join(",\n", Enumerable.Repeat(Object, 20_000))}]}}";
        var read = await FileRead.Of(json, FileRead.Minutes with { BatchRows = 7_000 });
        read.Batches.Select(batch => batch.Rows).ShouldBe([7_000, 7_000, 6_000]);
        read.Bars.ShouldAllBe(bar => bar == Expected);
        read.Batches[^1].BytesRead.ShouldBe(json.Length);
    }
}

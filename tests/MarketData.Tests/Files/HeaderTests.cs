using Bifrost.MarketData.Bars;
using Bifrost.MarketData.Files;

namespace Bifrost.MarketData.Tests.Files;

public sealed class HeaderTests
{
    private static readonly Bar Expected = new(
        "KO", FileRead.Utc("2020-01-02T09:30Z"), new OpenHighLowClose(2, 4, 1, 3), 100, null);

    [Theory]
    [InlineData("symbol,time,open,high,low,close,volume")]
    [InlineData("TICKER,DateTime,OPEN,HIGH,LOW,CLOSE,VOLUME")]
    [InlineData("sym,Timestamp,o,h,l,c,v")]
    [InlineData("s,t,o,h,l,Last,Vol.")]
    [InlineData("<TICKER>,<DATE>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>")]
    [InlineData("[Symbol],[Time],[Open],[High],[Low],[Close],[Volume]")]
    [InlineData("pair,open_time,StartPrice,HighestPrice,LowestPrice,EndPrice,Vol.")]
    [InlineData("ticker,window_start,open,high,low,close,volume")]
    [InlineData("instrument,candle_begin_time,Open Price,High Price,Low Price,Close Price,Total Volume")]
    [InlineData("Sym_bol,Date Time,Open*,High*,Low*,Price,\"Volume\"")]
    public async Task columns_have_many_names(string header) =>
        (await FileRead.Of(header + "\nKO,2020-01-02 09:30,2,4,1,3,100")).Bar.ShouldBe(Expected);

    [Fact]
    public async Task columns_come_in_any_order_and_unknown_ones_are_ignored() =>
        (await FileRead.Of(
            "Volume,OpenInterest,Close,Low,High,Open,Time,Note,Symbol\n100,7,3,1,4,2,2020-01-02 09:30,,ko"))
            .Bar.ShouldBe(Expected);

    [Theory]
    [InlineData("adjclose")]
    [InlineData("Adj Close")]
    [InlineData("Adj_Close")]
    [InlineData("Adj. Close**")]
    [InlineData("AdjustedClose")]
    public async Task the_adjusted_close_has_many_names(string name) =>
        (await FileRead.Of(
            $"symbol,time,open,high,low,close,{name},volume\nKO,2020-01-02 09:30,2,4,1,3,2.5,100"))
            .Bar.ShouldBe(Expected with { AdjClose = 2.5m });

    [Fact]
    public async Task a_file_may_have_neither_volume_nor_symbol() =>
        (await FileRead.Of(
            "time,open,high,low,close\n2020-01-02 09:30,2,4,1,3", FileRead.Minutes with { Symbol = " ko " }))
            .Bar.ShouldBe(Expected with { Volume = 0 });

    [Fact]
    public async Task the_symbol_of_the_whole_file_fills_blanks_and_does_not_outdo_the_column()
    {
        var read = await FileRead.Of(
            FileRead.Header + "PEP,2020-01-02 09:30,2,4,1,3,100\n ,2020-01-02 09:30,2,4,1,3,100",
            FileRead.Minutes with { Symbol = "KO" });
        read.Bars.Select(bar => bar.Symbol).ShouldBe(["PEP", "KO"]);
    }

    [Fact]
    public async Task without_any_symbol_the_file_is_refused_with_what_to_give() =>
        (await FileRead.Refused("time,open,high,low,close\n2020-01-02 09:30,2,4,1,3"))
            .ShouldContain("names the symbol");

    [Fact]
    public async Task a_symbol_of_the_whole_file_that_is_none_is_refused() =>
        (await FileRead.Refused(FileRead.Header, FileRead.Minutes with { Symbol = "K  O" })).ShouldStartWith("'K  O'");

    [Fact]
    public async Task the_close_outdoes_a_last_price_and_a_name_that_comes_twice_is_refused()
    {
        (await FileRead.Of(
            "symbol,time,open,high,low,last,close,volume\nKO,2020-01-02 09:30,2,4,1,9,3,100")).Bar.ShouldBe(Expected);
        (await FileRead.Refused("symbol,time,open,high,low,close,volume,CLOSE\n")).ShouldContain("two are the close");
    }

    [Fact]
    public async Task a_header_that_lacks_a_column_is_refused_with_what_was_found_and_what_is_needed()
    {
        var refused = await FileRead.Refused("Date,Open,Höchst,Low,Volume\n2020-01-02,2,4,1,3\n");
        refused.ShouldContain("The columns are Date, Open, Höchst, Low, Volume; needed are date or time");
        refused.ShouldContain("Missing: high, close.");
        (await FileRead.Refused("a b c d e f\n")).ShouldContain("Missing: date or time, open, high, low, close.");
    }

    [Theory]
    [InlineData("date,time", "2020-01-02,09:30")]
    [InlineData("date,time", "20200102,0930")]
    [InlineData("date,time", "20200102,093000")]
    [InlineData("date,time", "1/2/2020,9:30 AM")]
    [InlineData("date,time", "2020-01-02,09:30:00Z")]
    [InlineData("date,time", "2020-01-02 00:00:00,09:30")]
    [InlineData("date,timestamp", "20200102,09:30:00")]
    [InlineData("date,timestamp", "2020-01-02,1577957400")]
    [InlineData("date,datetime", "2020-01-02,2020-01-02 09:30")]
    public async Task date_and_time_may_be_two_columns(string names, string values) =>
        (await FileRead.Of(
            $"symbol,{names},open,high,low,close,volume\nKO,{values},2,4,1,3,100",
            FileRead.Minutes with { DateOrder = DateOrder.MonthDayYear }))
            .Bar.ShouldBe(Expected);

    [Theory]
    [InlineData("2020-01-02,", "date '2020-01-02' has no time of day, which is needed for minute bars.")]
    [InlineData(",101500", "date is empty.")]
    [InlineData("2020-01-02,25:00", "time '25:00' is no time of that date.")]
    [InlineData("2020-01-02,15", "time '15' is no time of that date.")]
    [InlineData("2020-01-02,93000", "time '93000' is no time of that date.")]
    [InlineData("2020-01-02,2020-01-04 09:30", "time '2020-01-04 09:30' is no time of that date.")]
    [InlineData("2020-01-02 08:00,09:30", "time '09:30' is no time of that date.")]
    public async Task two_columns_that_make_no_time_cost_their_row(string values, string detail) =>
        (await FileRead.Of($"symbol,date,time,open,high,low,close,volume\nKO,{values},2,4,1,3,100"))
            .Bad.Detail.ShouldBe(detail);

    [Fact]
    public async Task date_and_time_under_one_name_are_recognised_from_most_of_the_first_rows()
    {
        var read = await FileRead.Of(
            "Symbol,Date,Open,High,Low,Close,Volume\nKO,broken\n"
            + "KO,2020-01-02,09:30,2,4,1,3,100\nKO,2020-01-02,09:30:00,2,4,1,3,100\n");
        read.Bars.ShouldBe([Expected, Expected]);
        read.Quarantined.ShouldHaveSingleItem().Detail.ShouldBe("8 fields are named and the row has 2.");
    }

    [Fact]
    public async Task a_single_row_with_a_time_too_many_costs_itself_only()
    {
        var read = await FileRead.Of(
            "Symbol,Date,Open,High,Low,Close,Volume\nKO,2020-01-02 09:30,2,4,1,3,100\n"
            + "KO,2020-01-02,09:30,2,4,1,3,100\nKO,2020-01-02 09:30,2,4,1,3,100\n");
        read.Bars.ShouldBe([Expected, Expected]);
        read.Quarantined.ShouldHaveSingleItem().Line.ShouldBe(3);
    }

    [Theory]
    [InlineData("KO,2020-01-02T09:30:00Z,2,4,1,3,100")]
    [InlineData("KO;20200102;09:30;2;4;1;3;100")]
    [InlineData("KO,2020-01-02,09:30:00,2.0,4.0,1.0,3.0,100,0")]
    public async Task a_file_without_a_header_is_read_in_the_customary_order(string row) =>
        (await FileRead.Of($"{row}\n{row}\n")).Bars.ShouldBe([Expected, Expected]);

    [Fact]
    public async Task a_file_without_a_header_may_leave_the_symbol_to_the_options()
    {
        var options = FileRead.Minutes with { Symbol = "KO" };
        (await FileRead.Of("2020-01-02 09:30,2,4,1,3,100", options)).Bar.ShouldBe(Expected);
        (await FileRead.Of("1577957400,2,4,1,3,100", options)).Bar.ShouldBe(Expected);
        (await FileRead.Refused("2020-01-02 09:30,2,4,1,3,100")).ShouldContain("names the symbol");
    }

    [Theory]
    [InlineData("KO,2020-01-02T09:30:00Z,2,4,1,3,100,2.5")]
    [InlineData("KO,2020-01-02T09:30:00Z,2,4,1,3,3,100")]
    [InlineData("KO,2020-01-02T09:30:00Z,2,3,4,1,100")]
    [InlineData("KO,2020-01-02T09:30:00Z,2,4,1,3")]
    [InlineData("KO,2020-01-02T09:30:00Z,2,4,1,3,100,5,6")]
    public async Task a_first_row_that_could_mean_several_things_asks_for_the_columns(string row) =>
        (await FileRead.Refused(row)).ShouldContain("name its columns");

    [Fact]
    public async Task given_columns_name_the_fields_of_a_file_without_a_header()
    {
        var options = FileRead.Minutes with
        {
            Columns = ["symbol", "time", "open", "close", "high", "low", "volume", "turnover"],
        };
        const string Row = "KO;2020-01-02 09:30;2;3;4;1;100;252.5";
        (await FileRead.Of(Row, options)).Bar.ShouldBe(Expected);
        (await FileRead.Of("symbol;time;open;close;high;low;volume;turnover\n" + Row, options)).Bar.ShouldBe(Expected);
        (await FileRead.Refused(Row, options with { Columns = ["symbol", "time", "open"] }))
            .ShouldContain("Missing: high, low, close.");
    }
}

using Bifrost.Domain.Instruments;

namespace Bifrost.Instruments.Tests;

public sealed class InstrumentFileTests
{
    [Fact]
    public void a_table_of_instruments_is_read_with_its_names_and_quotes()
    {
        var read = InstrumentFile.Read(
            "\uFEFFsymbol,type,multiplier,exchange,name,aliases,allowsNonPositivePrice\r\n"
            + "brk.b,stock,,nyse,\"Berkshire \"\"B\"\", Inc.\",BRK/B;BRK B,\r\n"
            + "CL=F,FUTURE,1000,CME,,,true\r\n");

        read.Select(one => one.Symbol).ShouldBe(["BRK.B", "CL=F"]);
        read[0].Description.ShouldBe(new InstrumentDescription
        {
            Type = InstrumentType.STOCK, Exchange = "NYSE", Name = "Berkshire \"B\", Inc.",
        });
        read[0].Aliases.ShouldBe([new InstrumentAlias("*", "BRK/B"), new InstrumentAlias("*", "BRK B")]);
        read[1].Description.ShouldBe(new InstrumentDescription
        {
            Type = InstrumentType.FUTURE, Multiplier = 1000, Exchange = "CME", AllowsNonPositivePrice = true,
        });
    }

    [Theory]
    [InlineData("""[{"symbol": "META", "aliases": [{"alias": "FB", "source": "IBKR", "validTo": "2022-06-09"}]}]""")]
    [InlineData("""{"symbol": "META", "aliases": [{"alias": "fb", "source": "ibkr", "validTo": "2022-06-09"}]}""")]
    public void json_says_whose_name_it_is_and_when(string json) =>
        InstrumentFile.Read(json).ShouldHaveSingleItem().Aliases.ShouldBe(
            [new InstrumentAlias("ibkr", "FB", null, new DateTime(2022, 6, 9, 0, 0, 0, DateTimeKind.Utc))]);

    [Fact]
    public void all_that_cannot_be_is_told_with_its_place_and_nothing_is_read()
    {
        var told = Should.Throw<InstrumentFileException>(() => InstrumentFile.Read(
            "symbol,type,multiplier,exchange\nA,CAR,1,NYSE\n,STOCK,0,NYSE\nB,STOCK,1,MOON\n")).Message;

        told.Split('\n').Select(line => line.Split(' ')[..3]).Select(words => string.Join(' ', words))
            .ShouldBe(["line 2: type", "line 3: symbol", "line 3: multiplier", "line 4: exchange"]);
    }

    [Theory]
    [InlineData("[{\"symbol\": \"A\", \"colour\": \"red\"}]", "item 1: colour")]
    [InlineData("[1]", "The file is not CSV")]
    [InlineData("{\"symbol\": ", "The file is not CSV")]
    [InlineData("symbol\nA,B\n", "The file is not CSV")]
    public void what_is_no_file_of_instruments_is_refused(string text, string told) =>
        Should.Throw<InstrumentFileException>(() => InstrumentFile.Read(text)).Message.ShouldStartWith(told);
}

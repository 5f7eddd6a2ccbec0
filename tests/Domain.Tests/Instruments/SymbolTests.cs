namespace Bifrost.Domain.Tests.Instruments;

public sealed class SymbolTests
{
    [Theory]
    [InlineData(" orcl ", "ORCL")]
    [InlineData("BTC/USDT", "BTC/USDT")]
    [InlineData("m&m.ns", "M&M.NS")]
    [InlineData("X:BTCUSD", "X:BTCUSD")]
    [InlineData("brk b", "BRK B")]
    [InlineData("ES=F", "ES=F")]
    [InlineData("^GSPC", "^GSPC")]
    [InlineData("AAPL 240119C00190000", "AAPL 240119C00190000")]
    [InlineData("ABCDEFGHIJKLMNOPQRSTUVWXYZ012345", "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345")]
    public void what_sources_call_instruments_is_a_symbol(string text, string symbol) =>
        Symbols.Canonical(text).ShouldBe(symbol);

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("n/a")]
    [InlineData("BRK  B")]
    [InlineData("BRK\tB")]
    [InlineData("/B")]
    [InlineData(".B")]
    [InlineData("A,B")]
    [InlineData("A%2FB")]
    [InlineData("A_B")]
    [InlineData("É")]
    [InlineData("A\nB")]
    [InlineData("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456")]
    public void what_could_be_mistaken_for_something_else_is_none(string text) =>
        Symbols.Canonical(text).ShouldBeNull();
}

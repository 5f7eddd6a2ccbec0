using System.Text.RegularExpressions;
using Bifrost.Audit.Exporting;
using Bifrost.Domain;

namespace Bifrost.Audit.Tests.Exporting;

public sealed partial class BeancountNameTests
{
    private static readonly string[] Odd =
    [
        "F", "BRK.B", "BRK-B", "BRK.", "EURUSD=X", "^GSPC", "X^GSPC", "XIGSPC", "3M", "USD", "EUR", "TRUE", "X^", "^X",
        "X=", "X-", "=", "A^B=C.D-E", "X^F", "X^FX", "^", "0", "AAAAAAAAAAAAAAAAAAA.", "^AAAAAAAAAAAAAAAAAAA", "XF",
        "XFX", "BRKPB", "EURUSDEX", "GSPC", "X^USD", "X^USDX", "BTC/USDT", "M&M.NS", "X:BTCUSD", "BRK/B", "BRK B",
        "BRK&B", "BRK:B", "BRKSB", "BRK^S", "BTC/USDT-240927-70000-C", "X:BTC/USDT-PERP&A ^B=C.D-EFGHIJK",
        "ABCDEFGHIJKLMNOPQRSTUVWX", "ABCDEFGHIJKLMNOPQRSTUVWXY", "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345",
        "ABCDEFGHIJKLMNOPQRSTUVWXYZ012346",
    ];

    [Theory]
    [InlineData("ORCL", "ORCL", "ORCL")]
    [InlineData("BRK.B", "BRK.B", "BRKpB")]
    [InlineData("BRK-B", "BRK-B", "BRK-B")]
    [InlineData("EURUSD=X", "EURUSD_X", "EURUSDeX")]
    [InlineData("^GSPC", "X''GSPCX", "XiGSPC")]
    [InlineData("F", "X'FX", "F")]
    [InlineData("USD", "X'USDX", "USD")]
    [InlineData("BTC/USDT", "X'BTC'SUSDTY", "BTCsUSDT")]
    [InlineData("M&M.NS", "X'M'AM.NSY", "MaMpNS")]
    [InlineData("X:BTCUSD", "X'X'DBTCUSDY", "XdBTCUSD")]
    [InlineData("BRK B", "X'BRK'WBY", "BRKwB")]
    [InlineData("ABCDEFGHIJKLMNOPQRSTUVWXY", "X'ABC'BWSN6XMCYV5OL6RXYZ", "ABCDEFGHIJKLMNOPQRSTUVWXY")]
    public void a_symbol_has_a_name_that_beancount_takes(string symbol, string commodity, string account)
    {
        BeancountNames.Commodity(symbol).ShouldBe(commodity);
        BeancountNames.Account(symbol).ShouldBe(account);
    }

    [Fact]
    public void no_two_symbols_have_one_name_and_each_name_is_one_that_beancount_takes()
    {
        var symbols = Odd.Where(symbol => Symbols.Canonical(symbol) == symbol).Concat(Short()).Distinct().ToList();

        var commodities = symbols.Select(BeancountNames.Commodity).ToList();
        var accounts = symbols.Select(BeancountNames.Account).ToList();

        commodities.ShouldBeUnique();
        accounts.ShouldBeUnique();
        commodities.Where(name => !CommodityForm().IsMatch(name)).ShouldBeEmpty();
        accounts.Where(name => !AccountForm().IsMatch(name)).ShouldBeEmpty();
        commodities.ShouldNotContain("USD");
    }

    [SkippableFact]
    public async Task beancount_takes_every_name()
    {
        var beancount = TestBeancount.OrSkip();
        var journal = string.Concat(Odd.Where(symbol => Symbols.Canonical(symbol) == symbol).Select(symbol =>
            $"""
            2026-01-01 commodity {BeancountNames.Commodity(symbol)}
              name: {BeancountNames.Text($"{symbol} \"\\\n\t é")}
            2026-01-01 open Assets:{BeancountNames.Account(symbol)} {BeancountNames.Commodity(symbol)} "STRICT"
            2026-01-02 balance Assets:{BeancountNames.Account(symbol)} 0 {BeancountNames.Commodity(symbol)}

            """));

        (await beancount.Check(journal)).ShouldBe("");
    }

    // All symbols of up to three of the characters that a name is hard to make of.
    private static IEnumerable<string> Short()
    {
        const string Characters = "XI0.-^=/&: ";
        var longer = Characters.Select(c => c.ToString()).ToList();
        for (var length = 1; length <= 4; length++)
        {
            foreach (var symbol in longer.Where(text => Symbols.Canonical(text) == text))
                yield return symbol;
            longer = [.. longer.SelectMany(text => Characters.Select(c => text + c))];
        }
    }

    [GeneratedRegex(@"^[A-Z][A-Z0-9'._-]{0,22}[A-Z0-9]\z")]
    private static partial Regex CommodityForm();

    [GeneratedRegex(@"^[A-Z0-9][A-Za-z0-9-]*\z")]
    private static partial Regex AccountForm();
}

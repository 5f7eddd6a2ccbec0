using Bifrost.Domain;

namespace Bifrost.Audit.Exporting;

/// <summary>
/// The accounts of one portfolio, as Beancount names them; each is opened on the day of its first use.
/// </summary>
internal sealed class BeancountAccounts(int portfolioId, ExportText text, HashSet<string> commodities)
{
    private readonly HashSet<string> opened = [];

    /// <summary>The portfolio's own currency, once it is known: others have accounts of their own beneath.</summary>
    public Currency Own { get; set; }

    public string Cash(string code) => Of(Postings.Cash, code);

    public string RealizedPnl(string code) => Of(Postings.RealizedPnl, code);

    /// <summary>Where what came before the journal comes from.</summary>
    public string Opening(string code) => In($"Equity:Bifrost:P{portfolioId}:Opening", code);

    /// <summary>Shares in lots.</summary>
    public string Position(string symbol) =>
        $"Assets:Bifrost:P{portfolioId}:Positions:{BeancountNames.Account(symbol)}";

    /// <summary>Exact cost of the lots beyond their shares at cost; a part of the position.</summary>
    public string Beyond(string symbol) => $"{Position(symbol)}:Remainder";

    /// <summary>The account of a posting of the ledger that is in money and of no position.</summary>
    public string Of(string account, string code) => In(Of(account), code);

    private string In(string account, string code) => code == Own.Code ? account : $"{account}:{code}";

    private string Of(string account) => account switch
    {
        Postings.Cash => $"Assets:Bifrost:P{portfolioId}:Cash",
        Postings.RealizedPnl => $"Income:Bifrost:P{portfolioId}:RealizedPnl",
        Postings.Exchanged => $"Equity:Bifrost:P{portfolioId}:Exchange",
        Postings.Commissions => $"Expenses:Bifrost:P{portfolioId}:Commissions",
        Postings.Rounding => $"Equity:Bifrost:P{portfolioId}:Rounding",
        "equity:capital" => $"Equity:Bifrost:P{portfolioId}:Capital",
        "income:dividends" => $"Income:Bifrost:P{portfolioId}:Dividends",
        "income:interest" => $"Income:Bifrost:P{portfolioId}:Interest",
        "income:payments-in-lieu" => $"Income:Bifrost:P{portfolioId}:PaymentsInLieu",
        "income:rebates" => $"Income:Bifrost:P{portfolioId}:Rebates",
        "expenses:fees" => $"Expenses:Bifrost:P{portfolioId}:Fees",
        "expenses:interest" => $"Expenses:Bifrost:P{portfolioId}:Interest",
        Postings.TaxesWithheld => $"Expenses:Bifrost:P{portfolioId}:TaxesWithheld",
        _ => throw new ArgumentOutOfRangeException(nameof(account), account, "Not an account of the ledger."),
    };

    public bool IsOpen(string account) => opened.Contains(account);

    /// <summary>Says that an account is there, once; it holds money.</summary>
    public void Open(string account, string code, DateOnly date)
    {
        Know(code, code, date);
        if (opened.Add(account))
            text.Line($"{BeancountNames.Date(date)} open {account} {code}");
    }

    /// <summary>Says that the account of a position is there, once. No lot is ever chosen by Beancount.</summary>
    public void OpenPosition(string symbol, DateOnly date)
    {
        Know(BeancountNames.Commodity(symbol), symbol, date);
        if (opened.Add(Position(symbol)))
        {
            text.Line(
                $"{BeancountNames.Date(date)} open {Position(symbol)} {BeancountNames.Commodity(symbol)} \"STRICT\"");
        }
    }

    // The accounts of other portfolios may have used it on an earlier day; Beancount does not mind.
    private void Know(string commodity, string name, DateOnly date)
    {
        if (!commodities.Add(commodity))
            return;
        text.Line($"{BeancountNames.Date(date)} commodity {commodity}");
        text.Line($"  symbol: {BeancountNames.Text(name)}");
    }
}

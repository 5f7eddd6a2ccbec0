using Bifrost.Domain;

namespace Bifrost.Audit.Exporting;

/// <summary>
/// The accounts of one portfolio, as Beancount names them; each is opened on the day of its first use.
/// </summary>
internal sealed class BeancountAccounts(int portfolioId, ExportText text, HashSet<string> commodities)
{
    private readonly HashSet<string> opened = [];

    public string Cash => $"Assets:Bifrost:P{portfolioId}:Cash";

    public string RealizedPnl => $"Income:Bifrost:P{portfolioId}:RealizedPnl";

    /// <summary>Where what came before the journal comes from.</summary>
    public string Opening => $"Equity:Bifrost:P{portfolioId}:Opening";

    /// <summary>Shares in lots.</summary>
    public string Position(string symbol) =>
        $"Assets:Bifrost:P{portfolioId}:Positions:{BeancountNames.Account(symbol)}";

    /// <summary>Exact cost of the lots beyond their shares at cost; a part of the position.</summary>
    public string Beyond(string symbol) => $"{Position(symbol)}:Remainder";

    /// <summary>The account of a posting of the ledger that is in money and of no position.</summary>
    public string Of(string account) => account switch
    {
        Postings.Cash => Cash,
        Postings.RealizedPnl => RealizedPnl,
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
    public void Open(string account, Currency currency, DateOnly date)
    {
        Know(currency.Code, currency.Code, date);
        if (opened.Add(account))
            text.Line($"{BeancountNames.Date(date)} open {account} {currency.Code}");
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

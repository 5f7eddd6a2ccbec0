namespace Bifrost.Audit.Exporting;

/// <summary>A transaction as Beancount writes it; its postings sum to zero, to the last digit.</summary>
internal sealed class BeancountEntry(BeancountAccounts accounts, DateOnly date)
{
    private readonly List<string> postings = [];
    private readonly List<Action> openings = [];

    /// <summary>A posting of money; none where there is none.</summary>
    public void Add(string account, decimal amount, string code)
    {
        if (amount == 0)
            return;
        openings.Add(() => accounts.Open(account, code, date));
        postings.Add($"  {account}  {BeancountNames.Amount(amount, code)}");
    }

    /// <summary>A posting of shares in a lot, which is named by its cost, its date and its id.</summary>
    /// <param name="code">Of the currency of its cost.</param>
    /// <param name="price">What the shares went for.</param>
    public void Add(string symbol, LotPosting lot, string code, decimal? price)
    {
        openings.Add(() => accounts.OpenPosition(symbol, date));
        var shares = $"{BeancountNames.Number(lot.Quantity)} {BeancountNames.Commodity(symbol)}";
        var cost = $"{BeancountNames.Number(lot.UnitCost)} {code}";
        var at = price is { } sold ? $" @ {BeancountNames.Number(sold)} {code}" : "";
        var opened = BeancountNames.Date(lot.Date);
        postings.Add($"  {accounts.Position(symbol)}  {shares} {{{cost}, {opened}, \"lot-{lot.LotId}\"}}{at}");
    }

    /// <summary>Writes it where it has postings, after the accounts that are used for the first time.</summary>
    /// <param name="details">Names and values that stand beside it.</param>
    public void Write(ExportText text, string narration, IEnumerable<(string Name, string Value)> details)
    {
        if (postings.Count == 0)
            return;
        foreach (var open in openings)
            open();
        text.Line($"{BeancountNames.Date(date)} * {BeancountNames.Text(narration)}");
        foreach (var (name, value) in details)
            text.Line($"  {name}: {value}");
        foreach (var posting in postings)
            text.Line(posting);
        text.Line("");
    }
}

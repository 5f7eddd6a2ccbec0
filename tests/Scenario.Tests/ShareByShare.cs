namespace Bifrost.Scenario.Tests;

/// <summary>
/// An account book that knows nothing of lots, events or reservations: a list of single shares, each with what it cost.
/// A sale takes shares off the list one by one. Slow and hard to get wrong.
/// </summary>
public sealed class ShareByShare(string method)
{
    private sealed record Share(int Lot, decimal Cost, int Order);

    private readonly Dictionary<string, List<Share>> shares = [];
    private readonly Dictionary<string, decimal> realized = [];
    private int bought;

    public bool IsPooled => method == "AVERAGE";

    public decimal Cash { get; private set; }

    public int Fills { get; private set; }

    /// <summary>How often a position went from something to nothing.</summary>
    public int RoundTrips { get; private set; }

    public IEnumerable<string> Symbols => shares.Keys;

    public int Quantity(string symbol) => shares.TryGetValue(symbol, out var held) ? held.Count : 0;

    public decimal Cost(string symbol) => shares[symbol].Sum(share => share.Cost);

    public decimal Realized(string symbol) => realized.GetValueOrDefault(symbol);

    /// <summary>Shares by the transaction that bought them.</summary>
    public Dictionary<int, int> Lots(string symbol) =>
        shares[symbol].GroupBy(share => share.Lot).ToDictionary(lot => lot.Key, lot => lot.Count());

    public void Move(decimal amount) => Cash += amount;

    public void Buy(int transactionId, string symbol, int quantity, decimal price, decimal fees)
    {
        var total = quantity * price + fees;
        Cash -= Cents(total);
        Fills++;
        if (!shares.TryGetValue(symbol, out var held))
            shares[symbol] = held = [];
        for (var i = 0; i < quantity; i++)
            held.Add(new Share(transactionId, total / quantity, bought++));
    }

    /// <summary>Each share becomes so many, one after another in its place.</summary>
    public void Split(string symbol, int shareBecomes)
    {
        if (!shares.TryGetValue(symbol, out var held))
            return;
        var before = held.OrderBy(share => share.Order).ToList();
        held.Clear();
        foreach (var share in before)
        {
            for (var i = 0; i < shareBecomes; i++)
                held.Add(new Share(share.Lot, share.Cost / shareBecomes, bought++));
        }
    }

    /// <param name="lots">Shares to take of each lot, where the seller named them.</param>
    public void Sell(string symbol, int quantity, decimal price, decimal fees, Dictionary<int, int>? lots = null)
    {
        var total = quantity * price - fees;
        Cash += Cents(total);
        Fills++;
        var held = shares[symbol];
        var gone = Choose(held, quantity, lots);
        var cost = method == "AVERAGE"
            ? held.Sum(share => share.Cost) * quantity / held.Count
            : gone.Sum(share => share.Cost);
        realized[symbol] = Realized(symbol) + total - cost;
        held.RemoveAll(gone.Contains);
        if (method == "AVERAGE")
            Spread(held, gone.Sum(share => share.Cost) - cost);
        RoundTrips += held.Count == 0 ? 1 : 0;
    }

    // What was taken at the mean did not cost the mean: the difference stays with the shares that are left.
    private static void Spread(List<Share> held, decimal difference)
    {
        for (var i = 0; i < held.Count; i++)
            held[i] = held[i] with { Cost = held[i].Cost + difference / held.Count };
    }

    private HashSet<Share> Choose(List<Share> held, int quantity, Dictionary<int, int>? lots)
    {
        if (lots is not null)
            return [.. lots.SelectMany(lot => held.Where(share => share.Lot == lot.Key).Take(lot.Value))];
        IEnumerable<Share> inOrder = method switch
        {
            "LIFO" => held.OrderByDescending(share => share.Order),
            "HIFO" => held.OrderByDescending(share => share.Cost).ThenBy(share => share.Order),
            _ => held.OrderBy(share => share.Order),
        };
        return [.. inOrder.Take(quantity)];
    }

    private static decimal Cents(decimal amount) => decimal.Round(amount, 2, MidpointRounding.ToEven);
}

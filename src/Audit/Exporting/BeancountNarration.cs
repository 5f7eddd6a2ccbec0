using System.Globalization;
using Bifrost.Domain;
using Bifrost.Domain.Funding;
using Bifrost.Domain.Holdings;
using Bifrost.EventStore;

namespace Bifrost.Audit.Exporting;

/// <summary>What a transaction says of the event that it is made of.</summary>
internal static class BeancountNarration
{
    public static string Of(LedgerEvent happened) => happened switch
    {
        CashDeposited => "Deposit",
        CashWithdrawn => "Withdrawal",
        DividendReceived { Symbol: { } symbol } => $"Dividend of {symbol}",
        DividendReceived => "Dividend",
        InterestReceived => "Interest",
        FeeCharged => "Fee",
        TaxWithheld => "Tax withheld",
        InterestPaid => "Interest paid",
        FeeRefunded => "Fee refunded",
        PaymentInLieuReceived => "Payment in lieu of a dividend",
        RebateReceived => "Rebate",
        CashExchanged => "Exchange of currencies",
        FundingRestated { Corrected: { } terms } e =>
            $"Corrected funding {e.FundingId} to {terms.Type} {BeancountNames.Number(terms.Amount)}",
        FundingRestated e => $"Reversed funding {e.FundingId}",
        HoldingFilled e => $"{Done(e.Side)} {Shares(e.Quantity, e.Symbol, e.Price)}",
        HoldingRestated { Corrected: { } fill, IsNew: true } =>
            $"{Done(fill.Side)} {Shares(fill.Quantity, fill.Symbol, fill.Price)}, before a split that was known first",
        HoldingRestated { Corrected: { } fill } e =>
            $"Corrected transaction {e.TransactionId} to {Shares(fill.Quantity, fill.Symbol, fill.Price)}",
        HoldingRestated e => $"Busted transaction {e.TransactionId} of {e.Symbol}",
        HoldingSplit e => $"Split {e.ToSplit().Ratio} of {e.Symbol}",
        LotsPooled e => $"Pooled the lots of {e.Symbol}",
        _ => EventCatalog.Of(happened).Alias,
    };

    /// <summary>Where the event is in the log, when it happened, and the terms of a fill.</summary>
    public static IEnumerable<(string Name, string Value)> Details(StoredEvent stored, Currency currency)
    {
        yield return ("sequence", stored.Sequence.ToString(CultureInfo.InvariantCulture));
        yield return ("type", Text(EventCatalog.Of(stored.Data).Alias));
        yield return ("occurredAt", Time(stored.Data.OccurredAt));
        yield return ("recordedAt", Time(stored.RecordedAt));
        var terms = stored.Data switch
        {
            CashMoved e => Terms(e.FundingId, FundingTerms.Of(e), currency),
            FundingRestated e => Terms(e.FundingId, e.Corrected ?? e.Was, currency),
            HoldingFilled e => Terms(e.ToFill(), currency),
            HoldingRestated { Corrected: { } fill } => Terms(fill, currency),
            HoldingSplit e => [("split", Text(e.ToSplit().Ratio))],
            _ => [],
        };
        foreach (var term in terms)
            yield return term;
    }

    private static IEnumerable<(string Name, string Value)> Terms(
        int fundingId, FundingTerms terms, Currency currency)
    {
        yield return ("fundingId", Number(fundingId));
        if (terms.Tax != 0)
            yield return ("gross", BeancountNames.Amount(terms.Amount + terms.Tax, terms.Currency ?? currency.Code));
        if (terms.ExternalId is { } externalId)
            yield return ("externalId", Text(externalId));
        if (terms.Symbol is { } symbol)
            yield return ("symbol", Text(symbol));
        if (terms.Description is { } description)
            yield return ("description", Text(description));
    }

    // The fees of a purchase are in the cost of its lot, those of a sale in its proceeds.
    private static IEnumerable<(string Name, string Value)> Terms(Fill fill, Currency currency)
    {
        yield return ("transactionId", Number(fill.TransactionId));
        yield return ("executionId", Text(fill.ExecutionId));
        if (fill.OrderId is { } orderId)
            yield return ("orderId", Number(orderId));
        var code = fill.Currency ?? currency.Code;
        yield return ("price", BeancountNames.Amount(fill.Price, code));
        if (fill.Multiplier is { } multiplier)
            yield return ("multiplier", BeancountNames.Number(multiplier));
        yield return ("commission", BeancountNames.Amount(fill.Commission, fill.FeeCurrency ?? code));
        yield return ("tax", BeancountNames.Amount(fill.Tax, fill.FeeCurrency ?? code));
        if (fill.Rate is { } rate)
            yield return ("rate", BeancountNames.Amount(rate.Value, currency.Code));
        yield return ("lotMethod", Text(fill.Method.ToString()));
    }

    private static string Done(OrderSide side) => side == OrderSide.BUY ? "Bought" : "Sold";

    private static string Shares(decimal quantity, string symbol, decimal price) =>
        $"{BeancountNames.Number(quantity)} {symbol} at {BeancountNames.Number(price)}";

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Text(string text) => BeancountNames.Text(text);

    private static string Time(DateTimeOffset time) =>
        Text(time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture));
}

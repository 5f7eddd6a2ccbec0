using System.Collections.Frozen;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Bifrost.Domain;
using Bifrost.Domain.Funding;
using Bifrost.Domain.Holdings;
using Bifrost.Domain.Orders;
using Bifrost.Domain.Portfolios;
using Bifrost.Domain.Trades;

namespace Bifrost.EventStore;

/// <summary>An event as the log has it: its name there, and the CLR name that a Marten program looks up.</summary>
/// <param name="Writing">How it becomes JSON.</param>
/// <param name="Reading">How JSON becomes it again.</param>
public sealed record EventType(string Alias, string DotnetType, Type Clr, JsonTypeInfo Writing, JsonTypeInfo Reading);

/// <summary>
/// The one map between stored event names and types, which Marten is configured from; what hashes and copies events
/// needs it without a store. The names are literals: renaming a type changes none.
/// </summary>
public static class EventCatalog
{
    private static readonly LedgerJson Json = LedgerJson.Default;

    // The same format as what generated code writes, read by setters that are made at run time: generated code boxes
    // every member of a record on its way into it, which was measured to take twice the time of a replay's reading.
    internal static readonly JsonSerializerOptions Reading = new(Json.Options)
    {
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
        Converters = { new JsonStringEnumConverter() },
    };

    public static readonly IReadOnlyList<EventType> All =
    [
        Entry("portfolio_opened", "Portfolios.PortfolioOpened", Json.PortfolioOpened),
        Entry("portfolio_renamed", "Portfolios.PortfolioRenamed", Json.PortfolioRenamed),
        Entry("portfolio_settings_changed", "Portfolios.PortfolioSettingsChanged", Json.PortfolioSettingsChanged),
        Entry("portfolio_closed", "Portfolios.PortfolioClosed", Json.PortfolioClosed),
        Entry("cash_deposited", "Funding.CashDeposited", Json.CashDeposited),
        Entry("cash_withdrawn", "Funding.CashWithdrawn", Json.CashWithdrawn),
        Entry("dividend_received", "Funding.DividendReceived", Json.DividendReceived),
        Entry("interest_received", "Funding.InterestReceived", Json.InterestReceived),
        Entry("fee_charged", "Funding.FeeCharged", Json.FeeCharged),
        Entry("tax_withheld", "Funding.TaxWithheld", Json.TaxWithheld),
        Entry("interest_paid", "Funding.InterestPaid", Json.InterestPaid),
        Entry("fee_refunded", "Funding.FeeRefunded", Json.FeeRefunded),
        Entry("payment_in_lieu_received", "Funding.PaymentInLieuReceived", Json.PaymentInLieuReceived),
        Entry("rebate_received", "Funding.RebateReceived", Json.RebateReceived),
        Entry("cash_account_opened", "Portfolios.CashAccountOpened", Json.CashAccountOpened),
        Entry("cash_exchanged", "Funding.CashExchanged", Json.CashExchanged),
        Entry("funding_restated", "Funding.FundingRestated", Json.FundingRestated),
        Entry("withdrawal_rejected", "Funding.WithdrawalRejected", Json.WithdrawalRejected),
        Entry("order_placed", "Orders.OrderPlaced", Json.OrderPlaced),
        Entry("order_rejected", "Orders.OrderRejected", Json.OrderRejected),
        Entry("order_replaced", "Orders.OrderReplaced", Json.OrderReplaced),
        Entry("order_replace_rejected", "Orders.OrderReplaceRejected", Json.OrderReplaceRejected),
        Entry("order_cancelled", "Orders.OrderCancelled", Json.OrderCancelled),
        Entry("order_expired", "Orders.OrderExpired", Json.OrderExpired),
        Entry("order_executed", "Orders.OrderExecuted", Json.OrderExecuted),
        Entry("execution_corrected", "Orders.ExecutionCorrected", Json.ExecutionCorrected),
        Entry("execution_busted", "Orders.ExecutionBusted", Json.ExecutionBusted),
        Entry("lot_opened", "Holdings.LotOpened", Json.LotOpened),
        Entry("lots_matched", "Holdings.LotsMatched", Json.LotsMatched),
        Entry("lots_pooled", "Holdings.LotsPooled", Json.LotsPooled),
        Entry("holding_split", "Holdings.HoldingSplit", Json.HoldingSplit),
        Entry("holding_restated", "Holdings.HoldingRestated", Json.HoldingRestated),
        Entry("trade_opened", "Trades.TradeOpened", Json.TradeOpened),
        Entry("trade_increased", "Trades.TradeIncreased", Json.TradeIncreased),
        Entry("trade_reduced", "Trades.TradeReduced", Json.TradeReduced),
        Entry("trade_closed", "Trades.TradeClosed", Json.TradeClosed),
        Entry("trade_restated", "Trades.TradeRestated", Json.TradeRestated),
        Entry("trade_voided", "Trades.TradeVoided", Json.TradeVoided),
    ];

    private static readonly FrozenDictionary<Type, EventType> ByClr = All.ToFrozenDictionary(type => type.Clr);

    private static readonly FrozenDictionary<string, EventType> ByAlias = All.ToFrozenDictionary(type => type.Alias);

    private static readonly FrozenDictionary<string, EventType>.AlternateLookup<ReadOnlySpan<char>> Aliases =
        ByAlias.GetAlternateLookup<ReadOnlySpan<char>>();

    private static readonly int LongestAlias = All.Max(type => type.Alias.Length);

    /// <summary>Whether a CLR type is that of an event of the ledger.</summary>
    internal static bool IsEvent(Type type) => ByClr.ContainsKey(type);

    public static EventType Of(LedgerEvent happened) => ByClr[happened.GetType()];

    public static string Write(LedgerEvent happened) => JsonSerializer.Serialize(happened, Of(happened).Writing);

    /// <summary>An event's JSON in UTF-8, as the log gives it back.</summary>
    public static byte[] WritePayload(LedgerEvent happened) =>
        StoredJson.Of(WriteUtf8(happened));

    internal static byte[] WriteUtf8(LedgerEvent happened) =>
        JsonSerializer.SerializeToUtf8Bytes(happened, Of(happened).Writing);

    /// <inheritdoc cref="Read(string, ReadOnlySpan{byte}, long)"/>
    /// <param name="alias">The type's name in UTF-8.</param>
    /// <param name="utf8">The stored JSON.</param>
    public static LedgerEvent Read(ReadOnlySpan<byte> alias, ReadOnlySpan<byte> utf8, long streamVersion)
    {
        Span<char> text = stackalloc char[LongestAlias];
        return alias.Length <= LongestAlias && Encoding.UTF8.TryGetChars(alias, text, out var length)
            && Aliases.TryGetValue(text[..length], out var type)
                ? Read(type, utf8, streamVersion)
                : throw new UnknownEventException(Encoding.UTF8.GetString(alias));
    }

    /// <param name="streamVersion">The event's place in its stream.</param>
    /// <exception cref="UnknownEventException">The log holds an event that this build does not know.</exception>
    /// <exception cref="UnreadableEventException">The stored JSON is no shape of this event, now or ever.</exception>
    public static LedgerEvent Read(string alias, ReadOnlySpan<byte> utf8, long streamVersion) =>
        ByAlias.TryGetValue(alias, out var type)
            ? Read(type, utf8, streamVersion)
            : throw new UnknownEventException(alias);

    private static LedgerEvent Read(EventType type, ReadOnlySpan<byte> utf8, long streamVersion)
    {
        try
        {
            return JsonSerializer.Deserialize(utf8, type.Reading) as LedgerEvent
                ?? throw new JsonException("The event is null.");
        }
        catch (JsonException e)
        {
            return ReadOlder(type, utf8, streamVersion) ?? throw new UnreadableEventException(type.Alias, e);
        }
    }

    private static LedgerEvent? ReadOlder(EventType type, ReadOnlySpan<byte> utf8, long streamVersion)
    {
        try
        {
            return Upcasts.Of(type.Alias, utf8, streamVersion)?.Deserialize(type.Reading) as LedgerEvent;
        }
        catch (JsonException)
        {
            // It is no older shape either; what is wrong with it is told of today's.
            return null;
        }
    }

    private static EventType Entry<T>(string alias, string dotnetName, JsonTypeInfo<T> json)
        where T : LedgerEvent =>
        new(alias, $"Bifrost.Domain.{dotnetName}, Bifrost.Domain", typeof(T), json, Reading.GetTypeInfo(typeof(T)));
}

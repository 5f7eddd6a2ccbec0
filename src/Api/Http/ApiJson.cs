using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Bifrost.Domain;
using Microsoft.AspNetCore.Mvc;

namespace Bifrost.Api.Http;

/// <summary>
/// Decimals in JSON: strings in answers, because a JavaScript number would lose digits; strings or numbers in requests.
/// Nothing is rounded on the way in: what does not fit is refused.
/// </summary>
public sealed class DecimalText : JsonConverter<decimal>
{
    // A decimal keeps 28 digits for certain; a longer text would be rounded by the parser.
    private const int MostDigits = 28;

    public override decimal Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType is not (JsonTokenType.Number or JsonTokenType.String))
            throw new JsonException("a decimal number is expected, as a string or a number.");
        var text = reader.TokenType == JsonTokenType.String
            ? reader.GetString()!
            : Encoding.ASCII.GetString(reader.HasValueSequence ? reader.ValueSequence.ToArray() : reader.ValueSpan);
        const NumberStyles Plain = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint;
        // The parser would pass over NUL characters at the end.
        if (text.Contains('\0') || !decimal.TryParse(text, Plain, CultureInfo.InvariantCulture, out var value))
            throw new JsonException("a decimal number is expected, written without an exponent, below 10^28.");
        if (text.Count(char.IsAsciiDigit) > MostDigits)
            throw new JsonException($"at most {MostDigits} digits are kept.");
        return Money.Normalize(value);
    }

    public override void Write(Utf8JsonWriter writer, decimal value, JsonSerializerOptions options)
    {
        Span<char> text = stackalloc char[40];
        Money.Normalize(value).TryFormat(text, out var length, provider: CultureInfo.InvariantCulture);
        writer.WriteStringValue(text[..length]);
    }
}

/// <summary>Enumerations as words; a word that is none of them is answered with those that are.</summary>
public sealed class WordConverter<TEnum> : JsonConverter<TEnum>
    where TEnum : struct, Enum
{
    private static readonly string Words = string.Join(", ", Enum.GetNames<TEnum>());

    public override TEnum Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var word = reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
        // TryParse also takes numbers, lists of words, and space around them; a name has letters and underscores only.
        return word is { Length: > 0 } && word.All(c => char.IsAsciiLetter(c) || c == '_')
            && Enum.TryParse<TEnum>(word, ignoreCase: true, out var value)
                ? value
                : throw new JsonException($"one of {Words} is expected.");
    }

    public override void Write(Utf8JsonWriter writer, TEnum value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString());
}

/// <summary>Requests and answers, by generated code. Fields that a request does not have are refused.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false,
    Converters =
    [
        typeof(DecimalText),
        typeof(WordConverter<OrderSide>),
        typeof(WordConverter<OrderType>),
        typeof(WordConverter<TimeInForce>),
        typeof(WordConverter<FundingType>),
        typeof(WordConverter<LotMethod>),
        typeof(WordConverter<CorporateActions.CorporateActionType>),
        typeof(WordConverter<Domain.Instruments.InstrumentType>),
    ])]
[JsonSerializable(typeof(ProblemDetails))]
[JsonSerializable(typeof(IReadOnlyDictionary<string, string>))]
[JsonSerializable(typeof(Dictionary<string, string>))]
[JsonSerializable(typeof(long))]
[JsonSerializable(typeof(WriteAnswer))]
[JsonSerializable(typeof(Portfolios.OpenPortfolioRequest))]
[JsonSerializable(typeof(Portfolios.ChangePortfolioRequest))]
[JsonSerializable(typeof(Portfolios.ClosePortfolioRequest))]
[JsonSerializable(typeof(Page<Portfolios.PortfolioView>))]
[JsonSerializable(typeof(Funding.MoveCashRequest))]
[JsonSerializable(typeof(Funding.CorrectFundingRequest))]
[JsonSerializable(typeof(Funding.ReverseFundingRequest))]
[JsonSerializable(typeof(Page<Funding.FundingView>))]
[JsonSerializable(typeof(Page<Funding.CashBalanceView>))]
[JsonSerializable(typeof(Orders.PlaceOrderRequest))]
[JsonSerializable(typeof(Orders.ReplaceOrderRequest))]
[JsonSerializable(typeof(Orders.EndOrderRequest))]
[JsonSerializable(typeof(Page<Orders.OrderView>))]
[JsonSerializable(typeof(Executions.ReportExecutionRequest))]
[JsonSerializable(typeof(Executions.RecordExecutionRequest))]
[JsonSerializable(typeof(Executions.CorrectExecutionRequest))]
[JsonSerializable(typeof(Executions.BustExecutionRequest))]
[JsonSerializable(typeof(Page<Executions.TransactionView>))]
[JsonSerializable(typeof(CorporateActions.CorporateActionRequest))]
[JsonSerializable(typeof(CorporateActions.CorporateActionAnswer))]
[JsonSerializable(typeof(Page<Holdings.HoldingView>))]
[JsonSerializable(typeof(Page<Holdings.TradeView>))]
[JsonSerializable(typeof(Audit.TrialBalanceView))]
[JsonSerializable(typeof(Audit.ExplanationView))]
[JsonSerializable(typeof(Bifrost.Audit.Anchors.Anchor))]
[JsonSerializable(typeof(Audit.KeysView))]
[JsonSerializable(typeof(Audit.InclusionView))]
[JsonSerializable(typeof(Audit.ConsistencyView))]
[JsonSerializable(typeof(Page<Access.AccessRecordView>))]
[JsonSerializable(typeof(Page<Audit.LoggedEventView>))]
[JsonSerializable(typeof(Page<Audit.JournalEntryView>))]
[JsonSerializable(typeof(Page<MarketData.SymbolView>))]
[JsonSerializable(typeof(MarketData.DescribeSymbolRequest))]
[JsonSerializable(typeof(Page<MarketData.BarView>))]
[JsonSerializable(typeof(MarketData.LatestPricesView))]
[JsonSerializable(typeof(Page<MarketData.QuarantineView>))]
[JsonSerializable(typeof(Page<MarketData.DayStatistics>))]
[JsonSerializable(typeof(Page<MarketData.FlagView>))]
[JsonSerializable(typeof(MarketData.LoadBarsAnswer))]
[JsonSerializable(typeof(Instruments.AddInstrumentRequest))]
[JsonSerializable(typeof(Instruments.ChangeInstrumentRequest))]
[JsonSerializable(typeof(Instruments.PutAliasRequest))]
[JsonSerializable(typeof(Page<Instruments.InstrumentView>))]
[JsonSerializable(typeof(List<Instruments.ExchangeView>))]
[JsonSerializable(typeof(List<Instruments.SessionView>))]
[JsonSerializable(typeof(Jobs.JobView))]
[JsonSerializable(typeof(Page<Jobs.JobView>))]
[JsonSerializable(typeof(List<Jobs.JobKindView>))]
[JsonSerializable(typeof(Jobs.StartJobRequest))]
[JsonSerializable(typeof(List<Jobs.ScheduleView>))]
[JsonSerializable(typeof(Jobs.SetScheduleRequest))]
[JsonSerializable(typeof(Webhooks.CreateWebhookRequest))]
[JsonSerializable(typeof(Webhooks.ChangeWebhookRequest))]
[JsonSerializable(typeof(Webhooks.ReplayWebhookRequest))]
[JsonSerializable(typeof(Webhooks.NewWebhookView))]
[JsonSerializable(typeof(Webhooks.WebhookView))]
[JsonSerializable(typeof(List<Webhooks.WebhookView>))]
[JsonSerializable(typeof(Webhooks.DeliveryView))]
[JsonSerializable(typeof(Page<Webhooks.DeliveryView>))]
[JsonSerializable(typeof(Webhooks.PingView))]
[JsonSerializable(typeof(Operations.Liveness))]
[JsonSerializable(typeof(Operations.Readiness))]
public sealed partial class ApiJson : JsonSerializerContext;

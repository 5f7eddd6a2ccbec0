using System.Text.Json;
using System.Text.Json.Serialization;
using Bifrost.Domain;
using Bifrost.Domain.Funding;
using Bifrost.Domain.Holdings;
using Bifrost.Domain.Orders;
using Bifrost.Domain.Portfolios;
using Bifrost.Domain.Trades;

namespace Bifrost.EventStore;

/// <summary>How events are written. Every name and word in it is a stored format: it never changes.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    IgnoreReadOnlyProperties = true,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(PortfolioOpened))]
[JsonSerializable(typeof(PortfolioRenamed))]
[JsonSerializable(typeof(PortfolioSettingsChanged))]
[JsonSerializable(typeof(PortfolioClosed))]
[JsonSerializable(typeof(CashDeposited))]
[JsonSerializable(typeof(CashWithdrawn))]
[JsonSerializable(typeof(DividendReceived))]
[JsonSerializable(typeof(InterestReceived))]
[JsonSerializable(typeof(FeeCharged))]
[JsonSerializable(typeof(TaxWithheld))]
[JsonSerializable(typeof(InterestPaid))]
[JsonSerializable(typeof(FeeRefunded))]
[JsonSerializable(typeof(PaymentInLieuReceived))]
[JsonSerializable(typeof(RebateReceived))]
[JsonSerializable(typeof(CashAccountOpened))]
[JsonSerializable(typeof(CashExchanged))]
[JsonSerializable(typeof(FundingRestated))]
[JsonSerializable(typeof(WithdrawalRejected))]
[JsonSerializable(typeof(OrderPlaced))]
[JsonSerializable(typeof(OrderRejected))]
[JsonSerializable(typeof(OrderReplaced))]
[JsonSerializable(typeof(OrderReplaceRejected))]
[JsonSerializable(typeof(OrderCancelled))]
[JsonSerializable(typeof(OrderExpired))]
[JsonSerializable(typeof(OrderExecuted))]
[JsonSerializable(typeof(ExecutionCorrected))]
[JsonSerializable(typeof(ExecutionBusted))]
[JsonSerializable(typeof(LotOpened))]
[JsonSerializable(typeof(LotsMatched))]
[JsonSerializable(typeof(LotsPooled))]
[JsonSerializable(typeof(HoldingRestated))]
[JsonSerializable(typeof(HoldingSplit))]
[JsonSerializable(typeof(TradeOpened))]
[JsonSerializable(typeof(TradeIncreased))]
[JsonSerializable(typeof(TradeReduced))]
[JsonSerializable(typeof(TradeClosed))]
[JsonSerializable(typeof(TradeRestated))]
[JsonSerializable(typeof(TradeVoided))]
internal sealed partial class LedgerJson : JsonSerializerContext;

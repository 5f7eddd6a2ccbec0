using System.Collections.Frozen;
using Bifrost.Domain;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Bifrost.Api.Http;

/// <summary>
/// A refusal as the caller meets it. The slug is public and stable; docs/errors.md has a heading for each.
/// </summary>
public readonly record struct ProblemKind(int Status, string Slug);

/// <summary>The one place where refusals become HTTP problem details (RFC 9457).</summary>
public static class Problems
{
    public static readonly ProblemKind InvalidRequest = new(400, "invalid-request");
    public static readonly ProblemKind NotAuthenticated = new(401, "not-authenticated");
    public static readonly ProblemKind NotAllowed = new(403, "not-allowed");
    public static readonly ProblemKind RightNotGranted = new(403, "right-not-granted");
    public static readonly ProblemKind CashLimitReached = new(429, "cash-limit-reached");
    public static readonly ProblemKind NotFound = new(404, "not-found");
    public static readonly ProblemKind MethodNotAllowed = new(405, "method-not-allowed");
    public static readonly ProblemKind RequestTimeout = new(408, "request-timeout");
    public static readonly ProblemKind BodyTooLarge = new(413, "body-too-large");
    public static readonly ProblemKind HostNotServed = new(421, "host-not-served");
    public static readonly ProblemKind TooManyRequests = new(429, "too-many-requests");
    public static readonly ProblemKind SymbolNotFound = new(404, "symbol-not-found");
    public static readonly ProblemKind InstrumentNotFound = new(404, "instrument-not-found");
    public static readonly ProblemKind InstrumentExists = new(409, "instrument-exists");
    public static readonly ProblemKind AliasNotFree = new(409, "alias-not-free");
    public static readonly ProblemKind AliasNotFound = new(404, "alias-not-found");
    public static readonly ProblemKind ExchangeNotFound = new(404, "exchange-not-found");
    public static readonly ProblemKind HoldingNotFound = new(404, "holding-not-found");
    public static readonly ProblemKind BarsUnreadable = new(422, "bars-unreadable");
    public static readonly ProblemKind UnsupportedMediaType = new(415, "unsupported-media-type");
    public static readonly ProblemKind InternalError = new(500, "internal-error");
    public static readonly ProblemKind DatabaseUnavailable = new(503, "database-unavailable");
    public static readonly ProblemKind AccessNotRecorded = new(503, "access-not-recorded");
    public static readonly ProblemKind IssuerUnavailable = new(503, "issuer-unavailable");
    public static readonly ProblemKind OutcomeUnknown = new(503, "outcome-unknown");
    public static readonly ProblemKind PortfolioStopped = new(503, "portfolio-stopped");
    public static readonly ProblemKind AnchorNotFound = new(404, "anchor-not-found");
    public static readonly ProblemKind EventNotAnchored = new(404, "event-not-anchored");
    public static readonly ProblemKind AnchorsUnavailable = new(503, "anchors-unavailable");
    public static readonly ProblemKind JobNotFound = new(404, "job-not-found");
    public static readonly ProblemKind ScheduleNotFound = new(404, "schedule-not-found");
    public static readonly ProblemKind JobState = new(409, "job-state");
    public static readonly ProblemKind JobRefused = new(422, "job-refused");
    public static readonly ProblemKind WebhookNotFound = new(404, "webhook-not-found");
    public static readonly ProblemKind DeliveryNotFound = new(404, "delivery-not-found");
    public static readonly ProblemKind DeliveryState = new(409, "delivery-state");
    public static readonly ProblemKind TookTooLong = new(504, "took-too-long");

    /// <summary>
    /// What each rejection of the domain is over HTTP: 404 unknown, 409 state, 412 version, 422 rule.
    /// </summary>
    public static readonly FrozenDictionary<RejectionCode, ProblemKind> OfRejections =
        new Dictionary<RejectionCode, ProblemKind>
        {
            [RejectionCode.PortfolioNotFound] = new(404, "portfolio-not-found"),
            [RejectionCode.OrderNotFound] = new(404, "order-not-found"),
            [RejectionCode.ExecutionNotFound] = new(404, "execution-not-found"),
            [RejectionCode.PortfolioClosed] = new(409, "portfolio-closed"),
            [RejectionCode.PortfolioNotEmpty] = new(409, "portfolio-not-empty"),
            [RejectionCode.PortfolioNameTaken] = new(409, "portfolio-name-taken"),
            [RejectionCode.InsufficientBuyingPower] = new(422, "insufficient-buying-power"),
            [RejectionCode.InsufficientShares] = new(422, "insufficient-shares"),
            [RejectionCode.InsufficientCash] = new(422, "insufficient-cash"),
            [RejectionCode.LotsDoNotFit] = new(422, "lots-do-not-fit"),
            [RejectionCode.OrderNotWorking] = new(409, "order-not-working"),
            [RejectionCode.ExecutionTooLarge] = new(422, "execution-too-large"),
            [RejectionCode.ExecutionIdReused] = new(422, "execution-id-reused"),
            [RejectionCode.ClientOrderIdReused] = new(422, "client-order-id-reused"),
            [RejectionCode.IdempotencyKeyReused] = new(422, "idempotency-key-reused"),
            [RejectionCode.VersionMismatch] = new(412, "version-mismatch"),
            [RejectionCode.ReplacementTooSmall] = new(422, "replacement-too-small"),
            [RejectionCode.AmountTooLarge] = new(422, "amount-too-large"),
            [RejectionCode.OrderTermsDoNotFit] = new(422, "order-terms-do-not-fit"),
            [RejectionCode.ExecutionAlreadyBusted] = new(409, "execution-already-busted"),
            [RejectionCode.AmountTooPrecise] = new(422, "amount-too-precise"),
            [RejectionCode.NothingToSplit] = new(422, "nothing-to-split"),
            [RejectionCode.SplitDiffers] = new(409, "split-differs"),
            [RejectionCode.AmountContradicts] = new(422, "amount-contradicts"),
            [RejectionCode.FeeTakesAll] = new(422, "fee-takes-all"),
            [RejectionCode.FundingNotFound] = new(404, "funding-not-found"),
            [RejectionCode.FundingAlreadyReversed] = new(409, "funding-already-reversed"),
            [RejectionCode.FundingTermsDoNotFit] = new(422, "funding-terms-do-not-fit"),
            [RejectionCode.PriceNotPositive] = new(422, "price-not-positive"),
            [RejectionCode.TooManyDecimals] = new(422, "too-many-decimals"),
            [RejectionCode.CurrencyNotKept] = new(422, "currency-not-kept"),
            [RejectionCode.CurrencyDiffers] = new(422, "currency-differs"),
        }.ToFrozenDictionary();

    public static ProblemDetails Details(ProblemKind kind, string detail) => new()
    {
        Type = $"/docs/errors#{kind.Slug}",
        Title = kind.Slug,
        Status = kind.Status,
        Detail = detail,
    };

    public static ProblemHttpResult Of(ProblemKind kind, string detail) => TypedResults.Problem(Details(kind, detail));

    public static ProblemHttpResult Of(RejectionCode code, string detail) => Of(OfRejections[code], detail);

    /// <param name="errors">What is wrong with each field, by its name in the request.</param>
    public static ProblemHttpResult Invalid(IReadOnlyDictionary<string, string> errors)
    {
        var details = Details(InvalidRequest, string.Join(" ", errors.Select(error => $"{error.Key}: {error.Value}")));
        details.Extensions["errors"] = errors;
        return TypedResults.Problem(details);
    }

    /// <summary>The problem for a status that the framework answered without a body.</summary>
    public static ProblemKind OfStatus(int status) => status switch
    {
        404 => NotFound,
        405 => MethodNotAllowed,
        408 => RequestTimeout,
        413 => BodyTooLarge,
        415 => UnsupportedMediaType,
        >= 500 => InternalError,
        _ => InvalidRequest with { Status = status },
    };
}

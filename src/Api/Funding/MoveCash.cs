using System.Globalization;
using System.Text.Json.Serialization;
using Bifrost.Api.Access;
using Bifrost.Api.Executions;
using Bifrost.Api.Http;
using Bifrost.Domain;
using Bifrost.Domain.Funding;
using Bifrost.Domain.Portfolios;
using Bifrost.Grains;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Bifrost.Api.Funding;

public sealed record MoveCashRequest
{
    public FundingType? Type { get; init; }

    /// <summary>
    /// What moves: above zero, the type says which way it goes. Where tax was withheld it is what is left; it need not
    /// be said where the gross amount is.
    /// </summary>
    public decimal? Amount { get; init; }

    /// <summary>What the amount is in; the portfolio's own currency where nothing is said.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Currency { get; init; }

    /// <summary>Of an EXCHANGE: what was bought for the amount.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public decimal? BoughtAmount { get; init; }

    /// <summary>What that is in; the portfolio's own currency where nothing is said.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? BoughtCurrency { get; init; }

    /// <summary>Tax that was withheld from a dividend, interest or a payment in lieu before it came.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public decimal? Tax { get; init; }

    /// <summary>The amount with the tax that was withheld.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public decimal? Gross { get; init; }

    /// <summary>What a dividend was paid on.</summary>
    public string? Symbol { get; init; }

    public string? Description { get; init; }

    /// <summary>The id that a bank or a broker gave it: it is booked once a portfolio.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ExternalId { get; init; }

    public string? OccurredAt { get; init; }
}

internal static class MoveCashRoute
{
    public static void Map(IEndpointRouteBuilder api) => api.MapPost("/portfolios/{portfolioId:int}/funding", Handle)
        .OpenTo(AccessRule.MoveCash)
        .WithName("MoveCash").WithTags("Funding")
        .WithSummary("Records cash that comes or goes without a trade")
        .ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).ProducesProblem(412).ProducesProblem(422)
        .ProducesProblem(429);

    private static async Task<Results<Created<WriteAnswer>, ProblemHttpResult>> Handle(
        int portfolioId, Body<MoveCashRequest> body, HttpContext http, Writes writes, CashAllowance allowance,
        FactRates rates)
    {
        if (body.Problem is { } unreadable)
            return unreadable;
        var (request, check) = (body.Value, new Check(TimeProvider.System));
        var type = check.Required("type", request.Type);
        var (amount, tax) = NetAndTax(check, request);
        var command = new Domain.Funding.MoveCash
        {
            Type = type,
            Amount = amount,
            Currency = check.OptionalCurrency("currency", request.Currency),
            Bought = Bought(check, request.BoughtAmount, request.BoughtCurrency, type),
            Tax = tax,
            ExternalId = check.OptionalExternalId("externalId", request.ExternalId),
            Symbol = request.Symbol is null ? null : check.Symbol(
                "symbol", request.Symbol, writes.Instruments, check.Time("occurredAt", request.OccurredAt)),
            Description = check.OptionalText("description", request.Description, 4000),
            OccurredAt = check.Time("occurredAt", request.OccurredAt),
        };
        if (check.Failed)
            return check.Problem;
        var own = await rates.InOwn(portfolioId, command.Currency, command.Amount, http.RequestAborted);
        if (own is null && Caller.Of(http).Grant.CashPerDay is not null)
        {
            return Problems.Of(
                Problems.CashLimitReached,
                $"No rate of {command.Currency} is known, so nobody can tell what is left of today's cash.");
        }
        var taken = await allowance.Take(Caller.Of(http), own ?? command.Amount, http.RequestAborted);
        // What has moved already is answered as it was, whatever is left of today.
        if (taken is null && !await writes.IsRepeat(http))
            return Reached(http);
        var hasMoved = true;
        try
        {
            var natural = command.ExternalId is { } id ? ExternalIds.Key(portfolioId, id) : (CommandKey?)null;
            var answer = await writes.Create(
                http, portfolioId, command, request, natural, _ => $"/api/portfolios/{portfolioId}/funding");
            hasMoved = answer.Result is Created<WriteAnswer> && !Writes.IsReplayed(http);
            return answer;
        }
        catch (Exception e) when (
            e is PortfolioStoppedException or LedgerUnavailableException { OutcomeUnknown: false })
        {
            hasMoved = false;
            throw;
        }
        finally
        {
            if (taken is not null && !hasMoved)
                await allowance.GiveBack(taken);
        }
    }

    /// <summary>What an exchange brought.</summary>
    private static CashMove? Bought(Check check, decimal? amount, string? currency, FundingType? type)
    {
        var code = check.OptionalCurrency("boughtCurrency", currency);
        if (type == FundingType.EXCHANGE && amount is null)
            check.Add("boughtAmount", "is required of an EXCHANGE.");
        return check.Optional("boughtAmount", amount) is { } bought ? new CashMove(code, bought) : null;
    }

    private static (decimal Amount, decimal Tax) NetAndTax(Check check, MoveCashRequest request)
    {
        var tax = check.NotNegative("tax", request.Tax);
        if (tax != 0 && request.Type?.IsTaxed() == false)
            check.Add("tax", $"is nothing that is withheld from a {request.Type}.");
        var gross = check.Optional("gross", request.Gross);
        if (gross is { } all && request.Amount is { } net && net != all - tax)
            check.Add("gross", $"is the amount and the tax, {net + tax}.");
        var amount = request.Amount ?? gross - tax;
        // Nothing comes where all of it is withheld.
        return (amount == 0 && tax > 0 ? 0 : check.Quantity("amount", amount), tax);
    }

    private static ProblemHttpResult Reached(HttpContext http)
    {
        var (caller, now) = (Caller.Of(http), DateTime.UtcNow);
        var wait = (int)Math.Ceiling((now.Date.AddDays(1) - now).TotalSeconds);
        http.Response.Headers.RetryAfter = wait.ToString(CultureInfo.InvariantCulture);
        return Problems.Of(
            Problems.CashLimitReached,
            string.Create(
                CultureInfo.InvariantCulture,
                $"{caller.Actor} moves at most {caller.Grant.CashPerDay} a day (UTC), and less than this is left."));
    }
}

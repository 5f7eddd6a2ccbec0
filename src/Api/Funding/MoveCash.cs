using System.Globalization;
using Bifrost.Api.Access;
using Bifrost.Api.Http;
using Bifrost.Domain;
using Bifrost.Grains;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Bifrost.Api.Funding;

public sealed record MoveCashRequest
{
    public FundingType? Type { get; init; }

    /// <summary>Above zero; the type says which way it goes.</summary>
    public decimal? Amount { get; init; }

    /// <summary>What a dividend was paid on.</summary>
    public string? Symbol { get; init; }

    public string? Description { get; init; }

    public string? OccurredAt { get; init; }
}

internal static class MoveCashRoute
{
    public static void Map(IEndpointRouteBuilder api) => api.MapPost("/portfolios/{portfolioId:int}/funding", Handle)
        .OpenTo(AccessRule.MoveCash)
        .WithName("MoveCash").WithTags("Funding")
        .WithSummary("Records a deposit, withdrawal, dividend, interest or fee")
        .ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).ProducesProblem(412).ProducesProblem(422)
        .ProducesProblem(429);

    private static async Task<Results<Created<WriteAnswer>, ProblemHttpResult>> Handle(
        int portfolioId, Body<MoveCashRequest> body, HttpContext http, Writes writes, CashAllowance allowance)
    {
        if (body.Problem is { } unreadable)
            return unreadable;
        var (request, check) = (body.Value, new Check(TimeProvider.System));
        var command = new Domain.Funding.MoveCash
        {
            Type = check.Required("type", request.Type),
            Amount = check.Quantity("amount", request.Amount),
            Symbol = request.Symbol is null ? null : check.Symbol(
                "symbol", request.Symbol, writes.Instruments, check.Time("occurredAt", request.OccurredAt)),
            Description = check.OptionalText("description", request.Description, 4000),
            OccurredAt = check.Time("occurredAt", request.OccurredAt),
        };
        if (check.Failed)
            return check.Problem;
        var taken = await allowance.Take(Caller.Of(http), command.Amount, http.RequestAborted);
        // What has moved already is answered as it was, whatever is left of today.
        if (taken is null && !await writes.IsRepeat(http))
            return Reached(http);
        var hasMoved = true;
        try
        {
            var answer = await writes.Create(
                http, portfolioId, command, request, null, _ => $"/api/portfolios/{portfolioId}/funding");
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

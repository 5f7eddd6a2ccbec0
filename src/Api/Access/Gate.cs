using System.Globalization;
using Bifrost.Api.Http;
using Bifrost.Api.Orders;
using Bifrost.Domain;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.RateLimiting;

namespace Bifrost.Api.Access;

/// <summary>What a request has to pass before its route is asked: who calls, how often, and whether they may.</summary>
internal sealed class Gate(AccessAtStart access, PortfolioOwners owners)
{
    private const string PortfolioId = "portfolioId";
    private const string OrderId = "orderId";

    public static void Use(WebApplication app)
    {
        var gate = app.Services.GetRequiredService<Gate>();
        app.Use(gate.Protect);
        app.UseAuthentication();
        app.UseRateLimiter();
        app.Use(gate.Admit);
        app.UseRequestTimeouts();
    }

    private Task Protect(HttpContext http, RequestDelegate next) =>
        access.IsOpen && Loopback.Problem(http) is { } problem ? problem.ExecuteAsync(http) : next(http);

    private async Task Admit(HttpContext http, RequestDelegate next)
    {
        if (await Refusal(http) is { } refusal)
            await refusal.ExecuteAsync(http);
        else
            await next(http);
    }

    private async ValueTask<ProblemHttpResult?> Refusal(HttpContext http)
    {
        // Found out already, and kept by its scheme.
        var failure = http.User is Caller ? null : (await http.AuthenticateAsync()).Failure;
        if (failure is IssuerUnavailableException)
            throw failure;
        if (failure is not null)
            return Unknown(http, failure.Message, "Bearer realm=\"bifrost\", error=\"invalid_token\"");
        // What is no route, the framework and the pages of /docs answer: they hold nothing of the ledger.
        if (http.GetEndpoint() is not RouteEndpoint route)
            return null;
        if (route.Metadata.GetMetadata<AccessRule>() is not { } rule)
            return Problems.Of(Problems.NotAllowed, "The route does not say whom it is open to, so it is closed.");
        if (rule.Roles == Roles.None)
            return null;
        if (http.User is not Caller caller)
        {
            return Unknown(
                http,
                "Send Authorization: Bearer, followed by an API key (./bifrost keys create makes one) or by a token.",
                "Bearer realm=\"bifrost\"");
        }
        if ((rule.Roles & caller.Role) == 0)
        {
            return Problems.Of(
                Problems.NotAllowed, $"{caller.Actor} is {caller.Role.Word()}: the route is not open to that role.");
        }
        if ((rule.Needs & ~caller.Grant.Rights) != 0)
            return WithoutRight(caller, rule.Needs);
        return caller.UserId is { } userId && rule.Scope != Scope.NoPortfolio
            ? await Foreign(http, userId, rule.Scope)
            : null;
    }

    /// <summary>
    /// The answer to a trader who names what is not theirs: that which they get where there is nothing of that id.
    /// </summary>
    private async ValueTask<ProblemHttpResult?> Foreign(HttpContext http, int userId, Scope scope)
    {
        var values = http.Request.RouteValues;
        if (values.TryGetValue(OrderId, out var order))
        {
            return Number(order as string) is not { } orderId ? Unnamed(OrderId)
                : await owners.OwnsOrder(userId, orderId, http.RequestAborted) ? null
                : OrderRouting.Unknown(orderId);
        }
        var named = values.TryGetValue(PortfolioId, out var inPath)
            ? inPath as string
            : http.Request.Query[PortfolioId].ToString();
        if (string.IsNullOrEmpty(named) && scope == Scope.OwnPortfolios && !http.Request.Query.ContainsKey(PortfolioId))
            return null;
        return Number(named) is not { } portfolioId ? Unnamed(PortfolioId)
            : await owners.Owns(userId, portfolioId, http.RequestAborted) ? null
            : Problems.Of(RejectionCode.PortfolioNotFound, $"There is no portfolio {portfolioId}.");
    }

    private static ProblemHttpResult WithoutRight(Caller caller, Rights needed) => Problems.Of(
        Problems.RightNotGranted,
        $"{caller.Actor} has not the right {string.Join(", ", needed.Words())}, which this route needs. "
        + "./bifrost keys rights grants it to a key, the claim rights to a token.");

    // As the framework reads it for the handler, or the two could understand different portfolios.
    private static int? Number(string? text) =>
        int.TryParse(text, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static ProblemHttpResult Unnamed(string field) =>
        Problems.Invalid(new Dictionary<string, string> { [field] = "has to name a portfolio or order: a number." });

    private static ProblemHttpResult Unknown(HttpContext http, string reason, string challenge)
    {
        http.Response.Headers.WWWAuthenticate = challenge;
        return Problems.Of(Problems.NotAuthenticated, reason);
    }
}

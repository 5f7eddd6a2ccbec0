using Bifrost.Api.Http;
using Bifrost.Domain;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Bifrost.Api.Orders;

/// <summary>Finds the portfolio that a command about an order goes to.</summary>
internal static class OrderRouting
{
    public static async Task<Results<Ok<WriteAnswer>, ProblemHttpResult>> ChangeOrder<T>(
        this Writes writes, HttpContext http, OrderCommand command, T request)
    {
        var home = await writes.Ledger.HomeOf(command.OrderId, http.RequestAborted);
        return home is { PortfolioId: var portfolioId }
            ? await writes.Change(http, portfolioId, command, request)
            : Unknown(command.OrderId);
    }

    public static ProblemHttpResult Unknown(int orderId) =>
        Problems.Of(RejectionCode.OrderNotFound, $"There is no order {orderId}.");
}

using Bifrost.Api.Access;
using Bifrost.Api.Http;
using Dapper;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace Bifrost.Api.Orders;

internal static class GetOrderRoute
{
    private const string Sql = $"{OrderView.Sql} WHERE order_id = @orderId";

    public static void Map(IEndpointRouteBuilder api) => api.MapGet("/orders/{orderId:int}", Handle)
        .OpenTo(AccessRule.ReadPortfolio)
        .WithName("GetOrder").WithTags("Orders").WithSummary("Reads an order").ProducesProblem(404);

    private static async Task<Results<Ok<OrderView>, ProblemHttpResult>> Handle(
        int orderId, HttpContext http, NpgsqlDataSource database)
    {
        await using var connection = await database.OpenConnectionAsync(http.RequestAborted);
        var order = await connection.QuerySingleOrDefaultAsync<OrderView>(Sql, new { orderId });
        return order is null ? OrderRouting.Unknown(orderId) : TypedResults.Ok(order);
    }
}

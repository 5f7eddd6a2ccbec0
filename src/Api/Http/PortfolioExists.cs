using Bifrost.Domain;
using Dapper;
using Npgsql;

namespace Bifrost.Api.Http;

/// <summary>Answers 404 where the portfolio of a list is not there, instead of an empty list.</summary>
internal sealed class PortfolioExists(NpgsqlDataSource database) : IEndpointFilter
{
    private const string Sql = "SELECT EXISTS (SELECT FROM portfolio WHERE portfolio_id = @portfolioId)";

    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var portfolioId = int.Parse(
            (string)context.HttpContext.Request.RouteValues["portfolioId"]!,
            System.Globalization.CultureInfo.InvariantCulture);
        await using (var connection = await database.OpenConnectionAsync(context.HttpContext.RequestAborted))
        {
            if (!await connection.ExecuteScalarAsync<bool>(Sql, new { portfolioId }))
                return Problems.Of(RejectionCode.PortfolioNotFound, $"There is no portfolio {portfolioId}.");
        }
        return await next(context);
    }
}

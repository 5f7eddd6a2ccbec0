using System.Globalization;
using System.Net;
using Bifrost.Api.Http;
using Npgsql;
using NpgsqlTypes;

namespace Bifrost.Api.Access;

/// <summary>Whose calls of a route are recorded.</summary>
internal sealed record RecordedFor(Roles Roles);

/// <summary>
/// Writes down who asked for what before it is answered. What cannot be written down is not answered.
/// </summary>
internal sealed class AccessRecords(NpgsqlDataSource database, ILogger<AccessRecords> logger) : IEndpointFilter
{
    private const string Sql =
        """
        INSERT INTO ledger.access_record (actor, role, remote_address, action, path, query, portfolio_id)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        """;

    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        var recorded = http.GetEndpoint()!.Metadata.GetMetadata<RecordedFor>()!;
        var caller = Caller.Of(http);
        if ((recorded.Roles & caller.Role) != 0 && !await Write(http, caller))
        {
            http.Response.Headers.RetryAfter = "1";
            return Problems.Of(
                Problems.AccessNotRecorded, "The access could not be recorded, so it is refused. Try again shortly.");
        }
        return await next(context);
    }

    private async Task<bool> Write(HttpContext http, Caller caller)
    {
        try
        {
            await using var command = Insert(http, caller);
            await command.ExecuteNonQueryAsync(http.RequestAborted);
            return true;
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException)
        {
            logger.LogError(e, "The access of {Actor} to {Path} cannot be recorded", caller.Actor, http.Request.Path);
            return false;
        }
    }

    private NpgsqlCommand Insert(HttpContext http, Caller caller)
    {
        var request = http.Request;
        var command = database.CreateCommand(Sql);
        var values = command.Parameters;
        values.Add(new NpgsqlParameter<string> { TypedValue = caller.Actor });
        values.Add(new NpgsqlParameter<string> { TypedValue = caller.Role.Word() });
        values.Add(new NpgsqlParameter
        {
            Value = (object?)http.Connection.RemoteIpAddress ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Inet,
        });
        values.Add(new NpgsqlParameter<string>
        {
            TypedValue = http.GetEndpoint()!.Metadata.GetMetadata<IEndpointNameMetadata>()!.EndpointName,
        });
        // As they were written: encoded, so that there is nothing in them that the database would not keep.
        values.Add(new NpgsqlParameter<string> { TypedValue = request.Path.ToUriComponent() });
        values.Add(new NpgsqlParameter<string> { TypedValue = request.QueryString.ToUriComponent() });
        values.Add(new NpgsqlParameter
        {
            Value = (object?)PortfolioOf(request) ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Integer,
        });
        return command;
    }

    private static int? PortfolioOf(HttpRequest request)
    {
        var text = request.RouteValues.TryGetValue("portfolioId", out var inPath)
            ? inPath as string
            : request.Query["portfolioId"].ToString();
        return int.TryParse(text, CultureInfo.InvariantCulture, out var portfolioId) ? portfolioId : null;
    }
}

internal static class AccessRecordRoutes
{
    /// <summary>Has each call of the route recorded, or those of some roles, before it is answered.</summary>
    public static RouteHandlerBuilder LeavesAccessRecord(this RouteHandlerBuilder route, Roles roles = Roles.All) =>
        route.WithMetadata(new RecordedFor(roles)).AddEndpointFilter<AccessRecords>().ProducesProblem(503);
}

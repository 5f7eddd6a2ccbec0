using Bifrost.Api.Http;
using Dapper;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace Bifrost.Api.Access;

/// <summary>Somebody read something that matters.</summary>
public sealed record AccessRecordView
{
    public long RecordId { get; init; }

    public DateTime At { get; init; }

    public string Actor { get; init; } = "";

    public string Role { get; init; } = "";

    public string? RemoteAddress { get; init; }

    /// <summary>The operation, by its name in the description of the API.</summary>
    public string Action { get; init; } = "";

    public string Path { get; init; } = "";

    /// <summary>As it was sent, with its question mark; empty where there was none.</summary>
    public string Query { get; init; } = "";

    public int? PortfolioId { get; init; }
}

internal static class ListAccessRecordsRoute
{
    private const string Sql =
        """
        SELECT record_id, at, actor, role, host(remote_address) AS remote_address, action, path, query, portfolio_id
        FROM ledger.access_record
        WHERE record_id > @after AND (@actor::text IS NULL OR actor = @actor)
        ORDER BY record_id LIMIT @take
        """;

    public static void Map(IEndpointRouteBuilder api) => api.MapGet("/audit/access", Handle)
        .OpenTo(AccessRule.AuditEverything)
        .WithName("ListAccessRecords").WithTags("Audit").WithSummary("Lists who read what of the audit")
        .ProducesProblem(400);

    private static Task<Results<Ok<Page<AccessRecordView>>, ProblemHttpResult>> Handle(
        string? actor, [AsParameters] Paging paging, NpgsqlDataSource database)
    {
        var check = new Check(TimeProvider.System);
        var parameters = new DynamicParameters(new { actor = check.OptionalText("actor", actor, 1000) });
        return Pages.Read<AccessRecordView>(database, paging, Sql, parameters, record => record.RecordId, check);
    }
}

using Bifrost.Api.Access;
using Bifrost.Api.Http;
using Bifrost.MarketData.Quality;
using Bifrost.Workers;
using Dapper;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace Bifrost.Api.MarketData;

/// <summary>A row that cannot be true and is not stored as a bar.</summary>
public sealed record QuarantineView
{
    public long QuarantineId { get; init; }

    /// <summary>The file, provider or sender that it came from.</summary>
    public string Source { get; init; } = "";

    public string Interval { get; init; } = "";

    /// <summary>In the source, from 1; a header counts.</summary>
    public long Line { get; init; }

    public string Reason { get; init; } = "";

    public string Detail { get; init; } = "";

    /// <summary>The row as it came, at most 2,000 characters of it.</summary>
    public string Raw { get; init; } = "";

    public DateTime QuarantinedAt { get; init; }
}

internal static class ListQuarantineRoute
{
    private const string Sql =
        """
        SELECT quarantine_id, source, bar_interval AS interval, line, reason, detail, raw, quarantined_at
        FROM market_bar_quarantine
        WHERE quarantine_id > @after AND (@source::text IS NULL OR source = @source)
          AND (@reason::varchar IS NULL OR reason = @reason)
        ORDER BY quarantine_id LIMIT @take
        """;

    public static void Map(IEndpointRouteBuilder api) => api.MapGet("/market-data/quarantine", Handle)
        .OpenTo(AccessRule.ReadMarket)
        .WithName("ListQuarantine").WithTags("Market data")
        .WithSummary("Lists rows that cannot be true, with the reason").ProducesProblem(400);

    private static Task<Results<Ok<Page<QuarantineView>>, ProblemHttpResult>> Handle(
        string? source,
        string? reason,
        [AsParameters] Paging paging,
        [FromKeyedServices(MarketModule.Connections)] NpgsqlDataSource database)
    {
        var check = new Check(TimeProvider.System);
        var parameters = new DynamicParameters(new
        {
            source = check.OptionalText("source", source, 1000),
            reason = check.OptionalWord<QuarantineReason>("reason", reason),
        });
        return Pages.Read<QuarantineView>(database, paging, Sql, parameters, row => row.QuarantineId, check);
    }
}

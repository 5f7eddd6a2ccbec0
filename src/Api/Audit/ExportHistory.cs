using System.Reflection;
using Bifrost.Api.Access;
using Bifrost.Api.Http;
using Bifrost.Api.MarketData;
using Bifrost.Audit.Anchors;
using Bifrost.Audit.Exporting;
using Bifrost.Domain;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Mvc;
using Npgsql;

namespace Bifrost.Api.Audit;

/// <summary>What is to be exported.</summary>
internal readonly record struct ExportQuery
{
    /// <summary>jsonl, csv or beancount.</summary>
    [FromQuery(Name = "format")]
    public string? Format { get; init; }

    /// <summary>Only this portfolio.</summary>
    [FromQuery(Name = "portfolioId")]
    public int? PortfolioId { get; init; }

    /// <summary>Recorded then or later: a time with an offset, or a date in UTC.</summary>
    [FromQuery(Name = "from")]
    public string? From { get; init; }

    /// <summary>Recorded before then.</summary>
    [FromQuery(Name = "to")]
    public string? To { get; init; }
}

/// <summary>Reads what is to be exported, for the route and the command alike.</summary>
public static class ExportRequest
{
    public static (ExportFormat? Format, ExportScope Scope) Read(
        Check check, string? format, int? portfolioId, string? from, string? to)
    {
        var known = ExportFormat.Of(format);
        if (known is null)
            check.Add("format", $"is one of {string.Join(", ", ExportFormat.Names)}.");
        var range = TimeRange.Of(check, from, to);
        return (known, new ExportScope
        {
            PortfolioId = portfolioId is null ? null : check.Id("portfolioId", portfolioId),
            From = from is null ? null : range.From,
            To = to is null ? null : range.To,
        });
    }
}

/// <summary>
/// Writes an export as it is made. Where it cannot be made to the end, the connection breaks off, so that a client does
/// not take a part for the whole.
/// </summary>
internal sealed class ExportResult(
    NpgsqlDataSource database, AuditFolder? kept, ExportFormat format, ExportScope scope)
    : IResult, IEndpointMetadataProvider
{
    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder) => builder.Metadata.Add(
        new ProducesResponseTypeMetadata(
            200,
            typeof(string),
            [.. ExportFormat.All.Select(format => format.MediaType.Split(';')[0]).Distinct()]));

    public Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.ContentType = format.MediaType;
        response.Headers.ContentDisposition = $"attachment; filename=\"{format.FileName(scope)}\"";
        response.Headers.CacheControl = "no-store";
        return format.Export(database, kept, scope, response.Body, cancel: httpContext.RequestAborted);
    }
}

internal static class ExportHistoryRoute
{
    public static void Map(IEndpointRouteBuilder api) => api.MapGet("/audit/export", Handle)
        .WithName("ExportHistory").WithTags("Audit")
        .WithSummary("Exports the history, whole or of a portfolio, as of one moment")
        .OpenTo(AccessRule.AuditPortfolio)
        .LeavesAccessRecord().ReadsHistory()
        .ProducesProblem(400).ProducesProblem(404).ProducesProblem(503)
        .DisableRequestTimeout();

    private static async Task<Results<ExportResult, ProblemHttpResult>> Handle(
        [AsParameters] ExportQuery query, NpgsqlDataSource database, AnchorArchive archive, CancellationToken cancel)
    {
        var check = new Check(TimeProvider.System);
        var (format, scope) = ExportRequest.Read(check, query.Format, query.PortfolioId, query.From, query.To);
        if (check.Failed)
            return check.Problem;
        return await scope.IsThere(database, cancel)
            ? new ExportResult(database, archive.IsKept ? await archive.Folder(cancel) : null, format!, scope)
            : Problems.Of(RejectionCode.PortfolioNotFound, $"There is no portfolio {scope.PortfolioId}.");
    }
}

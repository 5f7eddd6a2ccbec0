using Bifrost.Api.Access;
using Bifrost.Api.Http;
using Bifrost.Audit;
using Bifrost.Audit.Anchors;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Bifrost.Api.Audit;

internal static class GetAnchorRoute
{
    public static void Map(IEndpointRouteBuilder api) => api.MapGet("/audit/anchor", Handle)
        .WithName("GetAnchor").WithTags("Audit")
        .WithSummary("The newest signed statement of what the log is, or the one of a size")
        .OpenTo(AccessRule.AuditEverything)
        .ProducesProblem(400).ProducesProblem(404).ProducesProblem(503);

    private static async Task<Results<Ok<Anchor>, ProblemHttpResult>> Handle(
        string? size, AnchorArchive archive, CancellationToken cancel)
    {
        var check = new Check(TimeProvider.System);
        var asked = size is null ? (long?)null : Pages.Number(check, "size", size, 1);
        if (check.Failed)
            return check.Problem;
        var (anchor, problem) = await Anchors.Find(archive, asked, cancel);
        return anchor is null ? problem! : TypedResults.Ok(anchor);
    }
}

/// <summary>Anchors as the routes ask for them.</summary>
internal static class Anchors
{
    /// <param name="size">Of how many events; the newest where it is null.</param>
    public static async Task<(Anchor? Anchor, ProblemHttpResult? Problem)> Find(
        AnchorArchive archive, long? size, CancellationToken cancel)
    {
        try
        {
            return await (size is { } asked ? archive.Find(asked, cancel) : archive.Latest(cancel)) is { } anchor
                ? (anchor, null)
                : (null, Problems.Of(
                    Problems.AnchorNotFound,
                    size is null
                        ? "Nothing is anchored yet: an anchor is signed some seconds after the first event."
                        : $"There is no anchor of {size} events. GET /api/audit/anchor names the newest."));
        }
        catch (AuditException e)
        {
            return (null, Problems.Of(Problems.AnchorsUnavailable, e.Message));
        }
    }
}

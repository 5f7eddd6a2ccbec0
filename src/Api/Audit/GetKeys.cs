using Bifrost.Api.Access;
using Bifrost.Api.Http;
using Bifrost.Audit;
using Bifrost.Audit.Anchors;
using Bifrost.Audit.Keys;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Bifrost.Api.Audit;

/// <summary>
/// The keys that anchors of this log are signed with, the first one first, and what they say of each other.
/// </summary>
/// <param name="Statements">Signed: verifiers take this answer as the list of keys.</param>
public sealed record KeysView(IReadOnlyList<KeySpan> Keys, IReadOnlyList<KeyStatement> Statements);

internal static class GetKeysRoute
{
    public static void Map(IEndpointRouteBuilder api) => api.MapGet("/audit/keys", Handle)
        .WithName("GetAnchorKeys").WithTags("Audit")
        .WithSummary("The keys that anchors are signed with, when each was good, and their signed hand-overs")
        .OpenTo(AccessRule.AuditEverything)
        .ProducesProblem(503);

    private static async Task<Results<Ok<KeysView>, ProblemHttpResult>> Handle(
        AnchorArchive archive, CancellationToken cancel)
    {
        try
        {
            var (keys, statements) = await archive.Keys(cancel);
            return TypedResults.Ok(new KeysView(keys, statements));
        }
        catch (AuditException e)
        {
            return Problems.Of(Problems.AnchorsUnavailable, e.Message);
        }
    }
}

using Bifrost.Api.Access;
using Bifrost.Api.Http;
using Bifrost.Audit.Anchors;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Bifrost.Api.Audit;

/// <summary>Proves that an event is in the log that an anchor attests (RFC 9162, section 2.1.3).</summary>
/// <param name="Hash">The event's hash, which is in its history as well.</param>
/// <param name="Index">Its place among the leaves of the tree, from zero.</param>
/// <param name="Path">Hashes of the tree, from the leaf's sibling up.</param>
public sealed record InclusionView(
    long Sequence, string Hash, long Index, string LeafHash, IReadOnlyList<string> Path, Anchor Anchor)
{
    public static InclusionView Of(InclusionProof proof) => new(
        proof.Leaf.Sequence,
        Convert.ToHexStringLower(proof.Leaf.EventHash),
        proof.Index,
        Convert.ToHexStringLower(proof.Leaf.Hash),
        [.. proof.Path.Select(Convert.ToHexStringLower)],
        proof.Anchor);
}

/// <summary>
/// Proves that the log of one anchor begins with the log of an earlier one (RFC 9162, section 2.1.4).
/// </summary>
public sealed record ConsistencyView(Anchor From, Anchor To, IReadOnlyList<string> Path)
{
    public static ConsistencyView Of(ConsistencyProof proof) =>
        new(proof.From, proof.To, [.. proof.Path.Select(Convert.ToHexStringLower)]);
}

internal static class GetProofRoutes
{
    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/audit/proofs/{sequence:long}", Include)
            .WithName("ProveEvent").WithTags("Audit")
            .WithSummary("Proves that an event is in the log that an anchor attests, the newest unless size names one")
            .OpenTo(AccessRule.AuditEverything)
            .LeavesAccessRecord().ReadsHistory()
            .ProducesProblem(400).ProducesProblem(404).ProducesProblem(503);
        api.MapGet("/audit/proofs", Extend)
            .WithName("ProveExtension").WithTags("Audit")
            .WithSummary("Proves that the log of one anchor, named by its size, extends that of another")
            .OpenTo(AccessRule.AuditEverything)
            .LeavesAccessRecord().ReadsHistory()
            .ProducesProblem(400).ProducesProblem(404).ProducesProblem(503);
    }

    private static async Task<Results<Ok<InclusionView>, ProblemHttpResult>> Include(
        long sequence, string? size, AnchorArchive archive, CancellationToken cancel)
    {
        var check = new Check(TimeProvider.System);
        var asked = size is null ? (long?)null : Pages.Number(check, "size", size, 1);
        if (check.Failed)
            return check.Problem;
        var (anchor, problem) = await Anchors.Find(archive, asked, cancel);
        if (anchor is null)
            return problem!;
        return await archive.Prove(sequence, anchor, cancel) is { } proof
            ? TypedResults.Ok(InclusionView.Of(proof))
            : Problems.Of(
                Problems.EventNotAnchored,
                $"The anchor of {anchor.Size} events, the last being {anchor.Sequence}, attests no event {sequence}. "
                + "What was recorded since is anchored within seconds.");
    }

    private static async Task<Results<Ok<ConsistencyView>, ProblemHttpResult>> Extend(
        string? from, string? to, AnchorArchive archive, CancellationToken cancel)
    {
        var check = new Check(TimeProvider.System);
        var smaller = Pages.Number(check, "from", from ?? "", 1);
        var larger = to is null ? (long?)null : Pages.Number(check, "to", to, 1);
        if (larger < smaller)
            check.Add("to", "is not below from: an anchor extends those that are smaller.");
        if (check.Failed)
            return check.Problem;
        var (first, firstProblem) = await Anchors.Find(archive, smaller, cancel);
        if (first is null)
            return firstProblem!;
        var (second, secondProblem) = await Anchors.Find(archive, larger, cancel);
        return second is null
            ? secondProblem!
            : TypedResults.Ok(ConsistencyView.Of(await archive.Prove(first, second, cancel)));
    }
}

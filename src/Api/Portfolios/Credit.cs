using Bifrost.Api.Access;
using Bifrost.Api.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Bifrost.Api.Portfolios;

/// <summary>
/// An overdraft is cash of somebody else's without an end: only who may move cash without a limit allows one.
/// </summary>
internal static class Credit
{
    /// <summary>Null where the caller may allow it.</summary>
    public static ProblemHttpResult? Problem(HttpContext http)
    {
        var caller = Caller.Of(http);
        return caller.Grant is { CashPerDay: null } grant && grant.Rights.HasFlag(Rights.Cash)
            ? null
            : Problems.Of(
                Problems.RightNotGranted,
                $"An overdraft is credit: who may move cash without a limit allows it, and {caller.Actor} may not.");
    }
}

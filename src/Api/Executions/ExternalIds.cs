using Bifrost.Domain;
using Bifrost.Grains;
using Microsoft.AspNetCore.Http.Features;

namespace Bifrost.Api.Executions;

/// <summary>
/// The ids that venues, brokers and banks give what they report. A portfolio has one space of them, whichever way a
/// fact comes: what comes again is booked once.
/// </summary>
internal static class ExternalIds
{
    /// <remarks>Bifrost.EventStore.ReceiptFaults knows these keys.</remarks>
    public static CommandKey Key(int portfolioId, string externalId) =>
        new($"external:{portfolioId}:{externalId}", RejectionCode.ExecutionIdReused);

    /// <summary>
    /// The id in a path, as its sender meant it: the server decodes all of a segment but the slash, and then nobody can
    /// tell an encoded one from the text of it.
    /// </summary>
    /// <param name="decoded">What the server made of it.</param>
    public static string InPath(HttpContext http, string decoded)
    {
        var target = http.Features.Get<IHttpRequestFeature>()?.RawTarget ?? "";
        var path = target.Split('?', 2)[0].TrimEnd('/').Split('/');
        return path.Length < 2 ? decoded : Uri.UnescapeDataString(path[^2]);
    }
}

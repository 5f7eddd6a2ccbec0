using System.Net;
using Bifrost.Api.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Bifrost.Api.Access;

/// <summary>
/// What a server without authentication holds on to: only programs of this machine reach it, and no page of another
/// site that a browser of this machine has open.
/// </summary>
internal static class Loopback
{
    /// <summary>Whether all of the server's addresses, separated by semicolons, are of this machine only.</summary>
    public static bool IsAll(string urls) => urls
        .Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
        .All(url => IsName(BindingAddress.Parse(url).Host));

    /// <summary>Null where the request may be served.</summary>
    public static ProblemHttpResult? Problem(HttpContext http)
    {
        // Settings from elsewhere may have Kestrel listen on more addresses than the server was told of.
        if (http.Connection.RemoteIpAddress is not { } remote || !IPAddress.IsLoopback(remote))
            return Problems.Of(Problems.NotAllowed, "Without authentication only this machine is served.");
        // A site can have its name point here, and then its pages are of the same origin as this server.
        if (!IsName(http.Request.Host.Host))
        {
            return Problems.Of(
                Problems.HostNotServed, "Without authentication only localhost, 127.0.0.1 and [::1] are served.");
        }
        // A browser sends some requests to other sites without asking, and tells by this header where they come from.
        if (http.Request.Headers.Origin is { Count: > 0 } origin && !IsLocal(origin.ToString()))
            return Problems.Of(Problems.NotAllowed, "Without authentication pages of other sites are not served.");
        return null;
    }

    private static bool IsName(string host) => host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));

    private static bool IsLocal(string origin) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var site) && IsName(site.Host);
}

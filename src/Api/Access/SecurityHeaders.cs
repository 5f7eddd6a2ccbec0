using Microsoft.Extensions.Primitives;

namespace Bifrost.Api.Access;

/// <summary>What browsers are told about every answer.</summary>
internal static class SecurityHeaders
{
    private static readonly StringValues NoSniff = "nosniff";
    private static readonly StringValues Deny = "DENY";
    private static readonly StringValues NoReferrer = "no-referrer";
    private static readonly StringValues NoStore = "no-store";
    private static readonly StringValues Nothing = "default-src 'none'; frame-ancestors 'none'";

    // The pages of the API's documentation and of the nodes are made of scripts and styles of this server.
    private static readonly StringValues Pages =
        "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'";

    public static void Use(WebApplication app) => app.Use((http, next) =>
    {
        Set(http);
        return next(http);
    });

    /// <summary>To be called anew where an answer was taken back and another one begins.</summary>
    public static void Set(HttpContext http)
    {
        var headers = http.Response.Headers;
        headers.XContentTypeOptions = NoSniff;
        headers.XFrameOptions = Deny;
        headers["Referrer-Policy"] = NoReferrer;
        headers.ContentSecurityPolicy = IsPage(http.Request.Path) ? Pages : Nothing;
        if (http.Request.Path.StartsWithSegments("/api"))
            headers.CacheControl = NoStore;
    }

    private static bool IsPage(PathString path) =>
        path.StartsWithSegments("/docs") || path.StartsWithSegments(Operations.NodesPages.Path);
}

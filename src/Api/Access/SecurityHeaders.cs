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

    // The page of the API's documentation is made of scripts and styles of this server.
    private static readonly StringValues Documentation =
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
        headers.ContentSecurityPolicy = http.Request.Path.StartsWithSegments("/docs") ? Documentation : Nothing;
        if (http.Request.Path.StartsWithSegments("/api"))
            headers.CacheControl = NoStore;
    }
}

using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.Options;

namespace Bifrost.Api.Access;

/// <summary>
/// Finds out who calls: by an API key, by a token, which another scheme reads, or as the local operator.
/// </summary>
internal sealed class Credentials(
    KeyRing keys,
    AccessAtStart access,
    ServerOptions server,
    IOptionsMonitor<AuthenticationSchemeOptions> options,
    ILoggerFactory loggers,
    UrlEncoder encoder)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    public const string SchemeName = "Bifrost";

    private const string KeyHeader = "X-Api-Key";
    private const string Bearer = "Bearer ";

    private static readonly AuthenticateResult UnknownKey =
        AuthenticateResult.Fail("The key is not known here, has expired or was revoked.");

    private static readonly AuthenticateResult Ambiguous =
        AuthenticateResult.Fail("The request shows more than one key or token: show one.");

    private static readonly AuthenticateResult OtherScheme =
        AuthenticateResult.Fail("Authorization takes the scheme Bearer, followed by a key or a token.");

    /// <summary>What stands behind Bearer.</summary>
    public static ReadOnlyMemory<char> TokenOf(string authorization) => authorization.AsMemory(Bearer.Length).Trim();

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var (authorization, key) = (Request.Headers.Authorization, Request.Headers[KeyHeader]);
        return (authorization.Count, key.Count) switch
        {
            (0, 0) => Task.FromResult(access.IsOpen ? Known(Caller.LocalOperator) : AuthenticateResult.NoResult()),
            (1, 0) => OfAuthorization(authorization.ToString()),
            (0, 1) => OfKey(key.ToString().AsMemory()),
            _ => Task.FromResult(Ambiguous),
        };
    }

    private Task<AuthenticateResult> OfAuthorization(string header)
    {
        if (!header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase))
            return Task.FromResult(OtherScheme);
        var text = TokenOf(header);
        return server.Access.Issuer is null || text.Span.StartsWith(ApiKeyText.Prefix)
            ? OfKey(text)
            : Context.AuthenticateAsync(JwtBearerDefaults.AuthenticationScheme);
    }

    private async Task<AuthenticateResult> OfKey(ReadOnlyMemory<char> text) =>
        await keys.Find(text) is { } caller ? Known(caller) : UnknownKey;

    private static AuthenticateResult Known(Caller caller) =>
        AuthenticateResult.Success(new AuthenticationTicket(caller, SchemeName));
}

using System.Security.Claims;

namespace Bifrost.Api.Access;

/// <summary>Finds out who calls.</summary>
internal sealed class Authentication(KeyRing keys, IssuedTokens? tokens)
{
    private const string KeyHeader = "X-Api-Key";
    private const string Bearer = "Bearer ";

    private static readonly Stranger UnknownKey = new("The key is not known here, has expired or was revoked.");

    private static readonly Stranger Ambiguous = new("The request shows more than one key or token: show one.");

    private static readonly Stranger OtherScheme =
        new("Authorization takes the scheme Bearer, followed by a key or a token.");

    /// <summary>
    /// Callers who show nothing are the local operator. False until the start has seen that nobody else could be told
    /// from them, and that nobody from elsewhere can reach the server.
    /// </summary>
    public bool IsOpen { get; set; }

    /// <summary>The caller, or a stranger.</summary>
    public ValueTask<ClaimsPrincipal> Find(HttpContext http)
    {
        var headers = http.Request.Headers;
        var (authorization, key) = (headers.Authorization, headers[KeyHeader]);
        return (authorization.Count, key.Count) switch
        {
            (0, 0) => new(IsOpen ? Caller.LocalOperator : Stranger.Silent),
            (1, 0) => OfAuthorization(authorization.ToString()),
            (0, 1) => OfKey(key.ToString().AsMemory()),
            _ => new(Ambiguous),
        };
    }

    /// <summary>Whether a caller who was let in would be let in again.</summary>
    public async ValueTask<bool> StillHolds(Caller caller, DateTimeOffset now) =>
        !(caller.Until <= now) && (caller.KeyId is null || await keys.Holds(caller.KeyId));

    private ValueTask<ClaimsPrincipal> OfAuthorization(string header)
    {
        if (!header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase))
            return new(OtherScheme);
        var text = header.AsMemory(Bearer.Length).Trim();
        return tokens is null || text.Span.StartsWith(ApiKeyText.Prefix) ? OfKey(text) : OfToken(text.ToString());
    }

    private ValueTask<ClaimsPrincipal> OfKey(ReadOnlyMemory<char> text)
    {
        var found = keys.Find(text);
        return found.IsCompletedSuccessfully ? new(found.Result as ClaimsPrincipal ?? UnknownKey) : Await(found);

        static async ValueTask<ClaimsPrincipal> Await(ValueTask<Caller?> found) =>
            await found as ClaimsPrincipal ?? UnknownKey;
    }

    private async ValueTask<ClaimsPrincipal> OfToken(string text)
    {
        var (caller, reason) = await tokens!.Read(text);
        return caller as ClaimsPrincipal ?? new Stranger(reason);
    }
}

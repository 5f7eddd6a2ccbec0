using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Bifrost.Api.Access;

/// <summary>Checks bearer tokens of the issuer, and reads from them who calls.</summary>
internal sealed class IssuedTokens(TokenIssuer issuer, IssuerKeys keys) : JwtBearerEvents
{
    private const int LongestSubject = 255;

    private static readonly TimeSpan ClockTolerance = TimeSpan.FromSeconds(30);

    // A token that is signed with a secret, or not at all, could be made by whoever knows the public key.
    private static readonly string[] Algorithms =
    [
        SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSha384, SecurityAlgorithms.RsaSha512,
        SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.RsaSsaPssSha384, SecurityAlgorithms.RsaSsaPssSha512,
        SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.EcdsaSha384, SecurityAlgorithms.EcdsaSha512,
    ];

    private static readonly JsonWebTokenHandler Handler = new();

    public void Configure(JwtBearerOptions options)
    {
        options.Events = this;
        options.MapInboundClaims = false;
        options.ConfigurationManager = keys;
        // The validation asks for them itself, before it gives up.
        options.RefreshOnIssuerKeyNotFound = false;
        options.TokenValidationParameters = new TokenValidationParameters
        {
            ValidIssuer = issuer.Issuer,
            ValidAudience = issuer.Audience,
            ValidAlgorithms = Algorithms,
            RequireSignedTokens = true,
            RequireExpirationTime = true,
            ValidateLifetime = true,
            ClockSkew = ClockTolerance,
        };
    }

    /// <summary>Before a key of the issuer is asked for.</summary>
    public override async Task MessageReceived(MessageReceivedContext context)
    {
        context.Token = Credentials.TokenOf(context.Request.Headers.Authorization.ToString()).ToString();
        if (Unreadable(context.Token) is { } reason)
        {
            context.Fail(reason);
            return;
        }
        try
        {
            // The validation would take keys that cannot be had for keys that do not fit.
            await keys.GetConfigurationAsync(context.HttpContext.RequestAborted);
        }
        catch (IssuerUnavailableException e)
        {
            context.Fail(e);
        }
    }

    public override Task TokenValidated(TokenValidatedContext context)
    {
        var (caller, reason) = CallerOf((JsonWebToken)context.SecurityToken);
        if (caller is null)
            context.Fail(reason!);
        else
            context.Principal = caller;
        return Task.CompletedTask;
    }

    public override Task AuthenticationFailed(AuthenticationFailedContext context)
    {
        context.Fail(Reason(context.Exception));
        return Task.CompletedTask;
    }

    private static string? Unreadable(string text)
    {
        if (!Handler.CanReadToken(text))
            return "The bearer token is neither a key of this server nor a JSON web token.";
        try
        {
            return Algorithms.Contains(Handler.ReadJsonWebToken(text).Alg)
                ? null
                : "The token is not signed by a key pair: RS, PS and ES algorithms are taken.";
        }
        catch (Exception e) when (e is ArgumentException or SecurityTokenException)
        {
            return "The bearer token cannot be read.";
        }
    }

    private string Reason(Exception failure) => failure switch
    {
        SecurityTokenExpiredException => "The token has expired.",
        SecurityTokenNotYetValidException => "The token is not valid yet.",
        SecurityTokenNoExpirationException => "The token does not say when it expires (exp).",
        SecurityTokenInvalidAudienceException => $"The token is for another audience than {issuer.Audience}.",
        SecurityTokenInvalidIssuerException => $"The token is of another issuer than {issuer.Issuer}.",
        _ => "The token is not signed by a key of its issuer.",
    };

    private (Caller? Caller, string? Reason) CallerOf(JsonWebToken token)
    {
        using var payload = JsonDocument.Parse(Base64UrlEncoder.DecodeBytes(token.EncodedPayload));
        var claims = payload.RootElement;
        var roles = RolesOf(claims).Distinct().ToList();
        if (token.Subject is not { Length: > 0 and <= LongestSubject } subject || !subject.All(IsPrintable))
            return (null, $"The token's subject (sub) has to have 1 to {LongestSubject} ASCII characters.");
        if (roles.Count != 1)
            return (null, $"The token has to name one role: {string.Join(", ", RoleWords.All)} (claim role or roles).");
        var userId = roles[0] == Roles.Trader ? UserOf(claims) : null;
        if (roles[0] == Roles.Trader && userId is null)
            return (null, "The token of a trader has to name the user, a whole number above zero (claim user_id).");
        var grant = GrantOf(claims, roles[0]);
        return grant.ProblemFor(roles[0]) is { } problem && !grant.IsUndecided
            ? (null, $"{problem} (claims rights and cash_per_day)")
            : (new Caller(ActorOf(subject), roles[0], userId) { Until = Lapse(token), Grant = grant }, null);
    }

    // A token that names rights has these and no others; words that are not ours give nothing.
    private Grant GrantOf(JsonElement claims, Roles role)
    {
        if (!Grant.IsOpenFor(role))
            return Grant.Of(role);
        if (!claims.TryGetProperty("rights", out var claim))
            return issuer.GrantsAll ? Grant.Undecided : Grant.Of(role);
        var rights = Words(claim).Aggregate(Rights.None, (all, word) => all | RightWords.Parse(word));
        return new Grant(rights, rights.HasFlag(Rights.Cash) ? CashOf(claims) : null);
    }

    private static decimal? CashOf(JsonElement claims)
    {
        if (!claims.TryGetProperty("cash_per_day", out var claim))
            return null;
        var text = claim.ValueKind == JsonValueKind.String ? claim.GetString() : claim.GetRawText();
        const NumberStyles Plain = NumberStyles.AllowDecimalPoint;
        return decimal.TryParse(text, Plain, CultureInfo.InvariantCulture, out var most) ? most : null;
    }

    // A token may be good until the end of the calendar, which nothing comes after.
    private static DateTimeOffset? Lapse(JsonWebToken token) =>
        token.ValidTo < DateTime.MaxValue - ClockTolerance ? token.ValidTo + ClockTolerance : null;

    // Other words than ours are roles in other programs.
    private static IEnumerable<Roles> RolesOf(JsonElement claims)
    {
        foreach (var name in (string[])["role", "roles"])
        {
            if (!claims.TryGetProperty(name, out var claim))
                continue;
            foreach (var word in Words(claim))
            {
                if (RoleWords.Parse(word) is > 0 and var role)
                    yield return role;
            }
        }
    }

    /// <summary>A claim that is a text or an array of them; what is no text is passed over.</summary>
    private static IEnumerable<string> Words(JsonElement claim) =>
        from word in claim.ValueKind == JsonValueKind.Array ? [.. claim.EnumerateArray()] : new[] { claim }
        where word.ValueKind == JsonValueKind.String
        select word.GetString()!;

    private static int? UserOf(JsonElement claims)
    {
        if (!claims.TryGetProperty("user_id", out var claim))
            return null;
        var text = claim.ValueKind == JsonValueKind.String ? claim.GetString() : claim.GetRawText();
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) && id > 0 ? id : null;
    }

    /// <summary>
    /// No key's name has a slash, and no actor has a colon: so a subject can neither be taken for a key's name nor
    /// reach into another caller's idempotency keys, which are separated by colons.
    /// </summary>
    internal static string ActorOf(string subject)
    {
        var actor = new StringBuilder("jwt/", subject.Length + 8);
        foreach (var letter in subject)
            _ = letter is ':' or '%' or ' ' ? actor.Append(Uri.HexEscape(letter)) : actor.Append(letter);
        return actor.ToString();
    }

    private static bool IsPrintable(char letter) => letter is >= ' ' and <= '~';
}

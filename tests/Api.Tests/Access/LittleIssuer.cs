using System.Security.Cryptography;
using System.Text;
using Bifrost.Api.Access;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Bifrost.Api.Tests.Access;

/// <summary>An issuer of tokens on loopback: it says where its keys are, gives them out, and changes them.</summary>
internal sealed class LittleIssuer : IAsyncDisposable
{
    public const string Audience = "bifrost";

    private readonly WebApplication app;
    private int readings;

    private LittleIssuer(WebApplication app) => this.app = app;

    public string Name => app.Urls.Single();

    public TokenIssuer Trusted => new(Name, Audience);

    public RsaSecurityKey Key { get; private set; } = NewKey();

    /// <summary>How often its keys were read.</summary>
    public int Readings => Volatile.Read(ref readings);

    public bool IsAway { get; set; }

    /// <summary>What it says it is; its own name where it is null.</summary>
    public string? Claimed { get; set; }

    /// <summary>Where it says its keys are; where they are where it is null.</summary>
    public string? ClaimedKeys { get; set; }

    public static async Task<LittleIssuer> Start()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var issuer = new LittleIssuer(builder.Build());
        issuer.app.MapGet(
            "/.well-known/openid-configuration",
            () => new
            {
                issuer = issuer.Claimed ?? issuer.Name,
                jwks_uri = issuer.ClaimedKeys ?? $"{issuer.Name}/keys",
            });
        issuer.app.MapGet("/keys", () => issuer.IsAway ? Results.StatusCode(500) : issuer.Keys());
        await issuer.app.StartAsync();
        return issuer;
    }

    /// <summary>Signs with another key from now on, and gives the old one out no more.</summary>
    public void Rotate() => Key = NewKey();

    /// <summary>A token that is good, unless something is changed about it.</summary>
    public string Token(Action<SecurityTokenDescriptor>? change = null, params (string Name, object Value)[] claims)
    {
        var descriptor = new SecurityTokenDescriptor
        {
            Issuer = Name,
            Audience = Audience,
            Expires = DateTime.UtcNow.AddMinutes(5),
            SigningCredentials = new SigningCredentials(Key, SecurityAlgorithms.RsaSha256),
            Claims = new Dictionary<string, object> { ["sub"] = "ada", ["role"] = "operator" },
        };
        foreach (var (name, value) in claims)
            descriptor.Claims[name] = value;
        change?.Invoke(descriptor);
        return new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(descriptor);
    }

    /// <summary>A token of a payload as it stands, signed by the issuer.</summary>
    public string Signed(string payload)
    {
        var header = Base64UrlEncoder.Encode($$"""{"alg":"RS256","typ":"JWT","kid":"{{Key.KeyId}}"}""");
        var signed = $"{header}.{Base64UrlEncoder.Encode(payload)}";
        var signature = Key.Rsa.SignData(
            Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        return $"{signed}.{Base64UrlEncoder.Encode(signature)}";
    }

    /// <summary>A token that names an algorithm which needs no private key of the issuer.</summary>
    public string Forged(string algorithm)
    {
        var claims = Token().Split('.')[1];
        var header = Base64UrlEncoder.Encode($$"""{"alg":"{{algorithm}}","typ":"JWT","kid":"{{Key.KeyId}}"}""");
        // The well-known trick: the public key, which everybody has, taken for a secret.
        var secret = Encoding.ASCII.GetBytes(Key.Rsa.ExportSubjectPublicKeyInfoPem());
        var signature = algorithm == "none"
            ? ""
            : Base64UrlEncoder.Encode(HMACSHA256.HashData(secret, Encoding.ASCII.GetBytes($"{header}.{claims}")));
        return $"{header}.{claims}.{signature}";
    }

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync();
        await app.DisposeAsync();
    }

    private IResult Keys()
    {
        Interlocked.Increment(ref readings);
        var parameters = Key.Rsa.ExportParameters(includePrivateParameters: false);
        return Results.Json(new
        {
            keys = new[]
            {
                new
                {
                    kty = "RSA",
                    use = "sig",
                    kid = Key.KeyId,
                    n = Base64UrlEncoder.Encode(parameters.Modulus),
                    e = Base64UrlEncoder.Encode(parameters.Exponent),
                },
            },
        });
    }

    public static RsaSecurityKey NewKey() => new(RSA.Create(2048)) { KeyId = Guid.NewGuid().ToString("N") };
}

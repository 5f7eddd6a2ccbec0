using System.Text.Json;
using Microsoft.IdentityModel.Tokens;

namespace Bifrost.Api.Access;

/// <summary>The issuer's keys cannot be had, so nobody can tell whether a token is good.</summary>
public sealed class IssuerUnavailableException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>
/// The public keys of the issuer, read when they are needed. An issuer changes its keys by signing with one that was
/// not there before: a token that names an unknown key has the keys read again, though not for every such token.
/// </summary>
/// <remarks>
/// By hand, because the library's configuration manager reads anew in the background: the tokens that show the change
/// would be refused until it is done.
/// </remarks>
internal sealed class IssuerKeys(TokenIssuer issuer, HttpMessageHandler network, TimeProvider clock) : IDisposable
{
    // Keys that the issuer has withdrawn open nothing after this.
    private static readonly TimeSpan Fresh = TimeSpan.FromMinutes(5);

    // While the issuer is away its keys are trusted for this long.
    private static readonly TimeSpan Oldest = TimeSpan.FromHours(1);

    // Between readings, but for the first that an unknown key asks for: whoever makes keys up is not to set the pace.
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim turn = new(1);
    private readonly HttpClient http = new(network)
    {
        Timeout = TimeSpan.FromSeconds(5),
        MaxResponseContentBufferSize = 1024 * 1024,
    };

    private volatile Reading? last;
    private long? searched;
    private long? failed;

    /// <summary>The keys, among them the one with the id if the issuer has it.</summary>
    /// <exception cref="IssuerUnavailableException">They cannot be read, and have not been for long.</exception>
    public async ValueTask<IReadOnlyList<SecurityKey>> Find(string? keyId)
    {
        var reading = last;
        if (reading is not null && clock.GetElapsedTime(reading.At) < Fresh && reading.Has(keyId))
            return reading.Keys;
        await turn.WaitAsync();
        try
        {
            return (await Newer(keyId)).Keys;
        }
        finally
        {
            turn.Release();
        }
    }

    public void Dispose()
    {
        http.Dispose();
        turn.Dispose();
    }

    private async Task<Reading> Newer(string? keyId)
    {
        var isFresh = last is not null && clock.GetElapsedTime(last.At) < Fresh;
        if (isFresh && (last!.Has(keyId) || IsWithin(searched)))
            return last;
        if (isFresh)
            searched = clock.GetTimestamp();
        try
        {
            if (IsWithin(failed))
                throw new IssuerUnavailableException($"The keys of {issuer.Issuer} could not be read just now.");
            return last = new Reading(clock.GetTimestamp(), await Read());
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException or JsonException
            or IssuerUnavailableException or ArgumentException or InvalidOperationException or KeyNotFoundException)
        {
            failed = IsWithin(failed) ? failed : clock.GetTimestamp();
            if (last is not null && clock.GetElapsedTime(last.At) < Oldest)
                return last;
            throw e as IssuerUnavailableException
                ?? new IssuerUnavailableException($"The keys of {issuer.Issuer} cannot be read.", e);
        }
    }

    private bool IsWithin(long? moment) => moment is { } at && clock.GetElapsedTime(at) < Pause;

    private async Task<IReadOnlyList<SecurityKey>> Read()
    {
        var set = new JsonWebKeySet(await http.GetStringAsync(issuer.KeySet ?? await Discover()));
        // Symmetric keys are secrets; an issuer that publishes one has none.
        return [.. set.Keys.Where(key => key.Kty is "RSA" or "EC" && key.Use is null or "" or "sig")];
    }

    private async Task<string> Discover()
    {
        var place = $"{issuer.Issuer.TrimEnd('/')}/.well-known/openid-configuration";
        using var document = JsonDocument.Parse(await http.GetStringAsync(place));
        if (document.RootElement.GetProperty("issuer").GetString() != issuer.Issuer)
            throw new IssuerUnavailableException($"{place} is of another issuer than {issuer.Issuer}.");
        var keys = document.RootElement.GetProperty("jwks_uri").GetString() ?? "";
        return TokenIssuer.IsTrustworthy(keys)
            ? keys
            : throw new IssuerUnavailableException($"{place} names no https URL for the keys.");
    }

    private sealed record Reading(long At, IReadOnlyList<SecurityKey> Keys)
    {
        public bool Has(string? keyId) => string.IsNullOrEmpty(keyId) || Keys.Any(key => key.KeyId == keyId);
    }
}

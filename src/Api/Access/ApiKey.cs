using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Bifrost.Api.Access;

/// <summary>A key as it is kept: everything but its secret.</summary>
/// <param name="Name">The actor on the events of its holder.</param>
/// <param name="SecretHash">
/// SHA-256 of the secret as it is written. A slow hash would protect secrets that can be guessed; these cannot be.
/// </param>
[SuppressMessage("Performance", "CA1819", Justification = "A hash is bytes, and nobody changes them.")]
public sealed record ApiKey(string KeyId, string Name, Roles Role, int? UserId, byte[] SecretHash)
{
    public Grant Grant { get; init; } = Grant.Of(Role);

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? ExpiresAt { get; init; }

    public DateTimeOffset? RevokedAt { get; init; }

    /// <summary>valid, expired or revoked.</summary>
    public string StateAt(DateTimeOffset now) =>
        RevokedAt is not null ? "revoked" : ExpiresAt <= now ? "expired" : "valid";
}

/// <summary>
/// A key as its holder has it: <c>bfk_ID_SECRET</c>. The id may stand in lists and logs; the secret is 256 random bits
/// and exists nowhere else.
/// </summary>
public static partial class ApiKeyText
{
    public const string Prefix = "bfk_";

    private const int IdLength = 12;
    private const int SecretBytes = 32;

    // Base64url without padding.
    private const int SecretLength = 43;
    private const int TextLength = 4 + IdLength + 1 + SecretLength;

    /// <summary>What a name has to be; the table holds it to the same.</summary>
    public const string NameRule =
        "has 1 to 64 characters of A-Z a-z 0-9 . _ @ + -, begins with a letter or digit, and neither with local- nor "
        + "with bifrost";

    /// <returns>The id, the text for the holder, and the hash to keep.</returns>
    public static (string KeyId, string Text, byte[] SecretHash) Make()
    {
        var id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(IdLength / 2));
        var secret = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes));
        return (id, $"{Prefix}{id}_{secret}", Hash(secret));
    }

    /// <summary>Splits a text that has the form of a key; whether it is one, the table knows.</summary>
    public static bool TrySplit(ReadOnlySpan<char> text, out ReadOnlySpan<char> keyId, out ReadOnlySpan<char> secret)
    {
        keyId = default;
        secret = default;
        if (text.Length != TextLength || !text.StartsWith(Prefix, StringComparison.Ordinal)
            || text[Prefix.Length + IdLength] != '_' || !Ascii.IsValid(text))
        {
            return false;
        }
        keyId = text.Slice(Prefix.Length, IdLength);
        secret = text[^SecretLength..];
        return true;
    }

    /// <summary>In the same time whatever is different, so that the hash cannot be felt out.</summary>
    public static bool Matches(ReadOnlySpan<char> secret, ReadOnlySpan<byte> hash)
    {
        Span<byte> text = stackalloc byte[SecretLength];
        Span<byte> shown = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(text[..Encoding.ASCII.GetBytes(secret, text)], shown);
        return CryptographicOperations.FixedTimeEquals(shown, hash);
    }

    public static bool IsName(string name) => Names().IsMatch(name);

    private static byte[] Hash(string secret) => SHA256.HashData(Encoding.ASCII.GetBytes(secret));

    [GeneratedRegex(@"^(?!(?i:local-|bifrost))[A-Za-z0-9][A-Za-z0-9._@+-]{0,63}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Names();
}

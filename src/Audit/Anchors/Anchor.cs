using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Bifrost.Audit.Keys;
using Bifrost.Audit.Proofs;
using Bifrost.EventStore;

namespace Bifrost.Audit.Anchors;

/// <summary>
/// A signed statement of what the log was at a moment: kept outside of the database, for those who check.
/// </summary>
/// <param name="Log">Which log: the id that its database got when it was made.</param>
/// <param name="Size">How many events the log had.</param>
/// <param name="Sequence">The sequence of the last of them.</param>
/// <param name="Root">The root of the Merkle tree over them, in hexadecimal digits.</param>
/// <param name="At">When it was signed: UTC with microseconds.</param>
/// <param name="PublicKey">The key to check it with: a SubjectPublicKeyInfo in Base64.</param>
/// <param name="Signature">ECDSA on the curve P-256 with SHA-256: r and s, 32 bytes each, in Base64.</param>
public sealed record Anchor(
    Guid Log, long Size, long Sequence, string Root, string At, string PublicKey, string Signature)
{
    /// <summary>
    /// The root of the tree of <see cref="HeadsTree"/>, in hexadecimal digits: which event was the last of each
    /// portfolio. Null in anchors from before there was one.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Heads { get; init; }

    /// <summary>Of others who signed the same; null where nobody else is configured to.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<CoSignature>? CoSignatures { get; init; }

    /// <summary>The first sixteen digits of the key's hash, for people to compare.</summary>
    [JsonIgnore]
    public string KeyId => AnchorKey.IdOf(PublicKey);

    /// <summary>SHA-256 of its line with the line feed, in hexadecimal digits: what receipts are bound to.</summary>
    [JsonIgnore]
    public string Hash => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(ToLine() + "\n")));

    /// <summary>An anchor on one line, as it is read back.</summary>
    public string ToLine() => JsonSerializer.Serialize(this, AnchorJson.Default.Anchor);

    /// <exception cref="FormatException">The line is no anchor.</exception>
    public static Anchor Parse(string line)
    {
        try
        {
            var anchor = JsonSerializer.Deserialize(line, AnchorJson.Default.Anchor)
                ?? throw new FormatException("An anchor is not null.");
            CheckTime(anchor.At);
            return anchor.Size > 0 && IsHash(anchor.Root) && (anchor.Heads is null || IsHash(anchor.Heads))
                ? anchor
                : throw new FormatException("An anchor has a size above zero, and roots of 64 digits.");
        }
        catch (JsonException e)
        {
            throw new FormatException($"An anchor is a line of JSON: {e.Message}", e);
        }
    }

    /// <exception cref="FormatException">
    /// The text is no time as it is signed, so that such texts compare as times.
    /// </exception>
    internal static void CheckTime(string text)
    {
        if (!DateTime.TryParseExact(
            text, "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture, DateTimeStyles.None, out _))
        {
            throw new FormatException($"'{text}' is no time in UTC with six decimals.");
        }
    }

    /// <param name="coSigners">Who else signs, with the key of each.</param>
    internal static Anchor Sign(
        LogState log, DateTimeOffset now, AnchorKey key, IReadOnlyList<(string Name, AnchorKey Key)> coSigners)
    {
        var unsigned = new Anchor(
            log.Log, log.Size, log.Sequence, log.Root, EventHash.Text(now), key.PublicKey, "") { Heads = log.Heads };
        var text = unsigned.SignedBytes();
        var others = coSigners.Select(other => new CoSignature(other.Name, other.Key.PublicKey, other.Key.Sign(text)));
        return unsigned with { Signature = key.Sign(text), CoSignatures = coSigners.Count == 0 ? null : [.. others] };
    }

    /// <summary>Whether it was signed as it is, by the key that it names, and by all others that it names.</summary>
    public bool IsSigned()
    {
        var text = SignedBytes();
        return AnchorKey.Verifies(PublicKey, text, Signature)
            && (CoSignatures ?? []).All(other => AnchorKey.Verifies(other.PublicKey, text, other.Signature));
    }

    internal Anchor SignedBy(AnchorKey key) => this with { Signature = key.Sign(SignedBytes()) };

    private static bool IsHash(string text) =>
        text.Length == 2 * MerkleTree.HashBytes && text.All(char.IsAsciiHexDigitLower);

    private byte[] SignedBytes()
    {
        var (log, size, sequence) = (Log.ToString("D"), Netstrings.Number(Size), Netstrings.Number(Sequence));
        return Heads is null
            ? Netstrings.Of("bifrost anchor 1", log, size, sequence, Root, At)
            : Netstrings.Of("bifrost anchor 2", log, size, sequence, Root, Heads, At);
    }
}

/// <summary>What a co-signer adds to an anchor: a signature over what the anchor's own is over.</summary>
/// <param name="Name">Who it is, for people; only the key is proof of it.</param>
public sealed record CoSignature(string Name, string PublicKey, string Signature);

/// <summary>
/// What a log was: how many events, the last of them, and the root of the tree in hexadecimal digits.
/// </summary>
internal sealed record LogState(Guid Log, long Size, long Sequence, string Root)
{
    /// <inheritdoc cref="Anchor.Heads"/>
    public string? Heads { get; init; }

    public static LogState Of(Anchor anchor) =>
        new(anchor.Log, anchor.Size, anchor.Sequence, anchor.Root) { Heads = anchor.Heads };

    public static LogState Empty(Guid log) => new(log, 0, 0, Convert.ToHexStringLower(MerkleTree.EmptyRoot));
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    RespectRequiredConstructorParameters = true,
    RespectNullableAnnotations = true,
    AllowDuplicateProperties = false)]
[JsonSerializable(typeof(Anchor))]
[JsonSerializable(typeof(KeyStatement))]
[JsonSerializable(typeof(Outside.AnchorReceipt))]
internal sealed partial class AnchorJson : JsonSerializerContext;

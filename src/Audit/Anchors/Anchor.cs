using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
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

    /// <summary>The first sixteen digits of the key's hash, for people to compare.</summary>
    [JsonIgnore]
    public string KeyId => AnchorKey.IdOf(Convert.FromBase64String(PublicKey));

    /// <summary>An anchor on one line, as it is read back.</summary>
    public string ToLine() => JsonSerializer.Serialize(this, AnchorJson.Default.Anchor);

    /// <exception cref="FormatException">The line is no anchor.</exception>
    public static Anchor Parse(string line)
    {
        try
        {
            var anchor = JsonSerializer.Deserialize(line, AnchorJson.Default.Anchor)
                ?? throw new FormatException("An anchor is not null.");
            return anchor.Size > 0 && IsHash(anchor.Root) && (anchor.Heads is null || IsHash(anchor.Heads))
                ? anchor
                : throw new FormatException("An anchor has a size above zero, and roots of 64 digits.");
        }
        catch (JsonException e)
        {
            throw new FormatException($"An anchor is a line of JSON: {e.Message}", e);
        }
    }

    internal static Anchor Sign(AuditFolder folder, LogTree tree, HeadsTree heads, DateTimeOffset now, AnchorKey key)
    {
        var unsigned = new Anchor(
            folder.Log,
            tree.Size,
            tree.LastSequence,
            Convert.ToHexStringLower(tree.Root(tree.Size)),
            EventHash.Text(now),
            key.PublicKey,
            "")
        {
            Heads = Convert.ToHexStringLower(heads.Root()),
        };
        return unsigned.SignedBy(key);
    }

    internal Anchor SignedBy(AnchorKey key) => this with { Signature = key.Sign(SignedBytes()) };

    /// <summary>Whether it was signed as it is, by the key that it names.</summary>
    public bool IsSigned() => AnchorKey.Verifies(PublicKey, SignedBytes(), Signature);

    private static bool IsHash(string text) =>
        text.Length == 2 * MerkleTree.HashBytes && text.All(char.IsAsciiHexDigitLower);

    private byte[] SignedBytes()
    {
        var text = new StringBuilder();
        var size = Size.ToString(CultureInfo.InvariantCulture);
        var sequence = Sequence.ToString(CultureInfo.InvariantCulture);
        string[] signed = Heads is null
            ? ["bifrost anchor 1", Log.ToString("D"), size, sequence, Root, At]
            : ["bifrost anchor 2", Log.ToString("D"), size, sequence, Root, Heads, At];
        foreach (var part in signed)
            text.Append(CultureInfo.InvariantCulture, $"{Encoding.UTF8.GetByteCount(part)}:{part},");
        return Encoding.UTF8.GetBytes(text.ToString());
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(Anchor))]
internal sealed partial class AnchorJson : JsonSerializerContext;

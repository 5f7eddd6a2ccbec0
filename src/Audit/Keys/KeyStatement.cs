using System.Text.Json;
using System.Text.Json.Serialization;
using Bifrost.Audit.Anchors;
using Bifrost.Audit.Proofs;
using Bifrost.EventStore;

namespace Bifrost.Audit.Keys;

/// <summary>
/// Something that the key of a log says of a key: that it follows, or that it is no longer to be believed. Each stands
/// with what the log was then.
/// </summary>
public sealed record KeyStatement
{
    /// <summary>From now on the key signs the anchors of this log.</summary>
    public const string HandOver = "hand-over";

    /// <summary>What the key signs at the moment <see cref="From"/> or later is not to be believed.</summary>
    public const string Revocation = "revocation";

    public required Guid Log { get; init; }

    /// <summary><see cref="HandOver"/> or <see cref="Revocation"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>The key that it is about: a SubjectPublicKeyInfo in Base64.</summary>
    public required string Key { get; init; }

    /// <summary>Of a revocation: from when on.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? From { get; init; }

    /// <summary>How many events the newest anchor attested; zero before the first.</summary>
    public required long Size { get; init; }

    /// <summary>The sequence of the last of them.</summary>
    public required long Sequence { get; init; }

    /// <summary>The root of the tree over them, in hexadecimal digits.</summary>
    public required string Root { get; init; }

    /// <summary>When it was signed: UTC with microseconds.</summary>
    public required string At { get; init; }

    /// <summary>The key that says so: the one that signed anchors until then.</summary>
    public required string PublicKey { get; init; }

    /// <summary>By <see cref="PublicKey"/>, as anchors are signed.</summary>
    public required string Signature { get; init; }

    /// <summary>Of a hand-over: the same, signed by the new key, whose holder so agrees to it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Accepted { get; init; }

    public string ToLine() => JsonSerializer.Serialize(this, AnchorJson.Default.KeyStatement);

    /// <exception cref="FormatException">The line is none, or it is not signed as it stands.</exception>
    public static KeyStatement Parse(string line)
    {
        try
        {
            var statement = JsonSerializer.Deserialize(line, AnchorJson.Default.KeyStatement)
                ?? throw new FormatException("A statement about a key is not null.");
            if (!statement.IsSigned())
                throw new FormatException("The statement is not signed as it stands.");
            Anchor.CheckTime(statement.At);
            if (statement.From is { } from)
                Anchor.CheckTime(from);
            return statement;
        }
        catch (JsonException e)
        {
            throw new FormatException($"A statement about a key is a line of JSON: {e.Message}", e);
        }
    }

    internal static KeyStatement OfHandOver(LogState log, AnchorKey from, AnchorKey to, DateTimeOffset now)
    {
        var unsigned = Unsigned(log, HandOver, to.PublicKey, from, now);
        var text = unsigned.SignedBytes();
        return unsigned with { Signature = from.Sign(text), Accepted = to.Sign(text) };
    }

    internal static KeyStatement OfRevocation(
        LogState log, AnchorKey by, string key, DateTimeOffset from, DateTimeOffset now)
    {
        var unsigned = Unsigned(log, Revocation, key, by, now) with { From = EventHash.Text(from) };
        return unsigned with { Signature = by.Sign(unsigned.SignedBytes()) };
    }

    private static KeyStatement Unsigned(LogState log, string kind, string key, AnchorKey by, DateTimeOffset now) =>
        new()
        {
            Log = log.Log,
            Kind = kind,
            Key = key,
            Size = log.Size,
            Sequence = log.Sequence,
            Root = log.Root,
            At = EventHash.Text(now),
            PublicKey = by.PublicKey,
            Signature = "",
        };

    private bool IsSigned()
    {
        var text = SignedBytes();
        return AnchorKey.Verifies(PublicKey, text, Signature) && Kind switch
        {
            HandOver => From is null && Accepted is { } accepted && AnchorKey.Verifies(Key, text, accepted),
            Revocation => From is not null,
            _ => false,
        };
    }

    private byte[] SignedBytes() => Netstrings.Of(
        "bifrost key 1",
        Kind,
        Log.ToString("D"),
        Netstrings.Number(Size),
        Netstrings.Number(Sequence),
        Root,
        At,
        PublicKey,
        Key,
        From);
}

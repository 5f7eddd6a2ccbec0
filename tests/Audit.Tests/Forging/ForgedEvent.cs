using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Bifrost.Audit.Proofs;
using Bifrost.EventStore;

namespace Bifrost.Audit.Tests.Forging;

/// <summary>An event of an export, each member of which a forger may change.</summary>
internal sealed record ForgedEvent
{
    public required long Sequence { get; set; }

    public required int PortfolioId { get; set; }

    public required long PortfolioVersion { get; set; }

    public required string Stream { get; set; }

    public required long Version { get; set; }

    public required string Type { get; set; }

    public required string Id { get; set; }

    public required string RecordedAt { get; set; }

    public string? Actor { get; set; }

    public string? CommandId { get; set; }

    public string? CorrelationId { get; set; }

    /// <summary>As it is hashed.</summary>
    public required string Data { get; set; }

    public byte[] Previous { get; set; } = EventHash.Beginning;

    public byte[] Hash { get; set; } = EventHash.Beginning;

    public byte[] Leaf => new LogLeaf(Sequence, Hash).Hash;

    public static ForgedEvent Of(string line)
    {
        var json = JsonNode.Parse(line)!;
        var at = line.IndexOf("\"data\":", StringComparison.Ordinal) + 7;
        return new ForgedEvent
        {
            Sequence = (long)json["sequence"]!,
            PortfolioId = (int)json["portfolioId"]!,
            PortfolioVersion = (long)json["portfolioVersion"]!,
            Stream = (string)json["stream"]!,
            Version = (long)json["version"]!,
            Type = (string)json["type"]!,
            Id = (string)json["id"]!,
            RecordedAt = (string)json["recordedAt"]!,
            Actor = (string?)json["actor"],
            CommandId = (string?)json["commandId"],
            CorrelationId = (string?)json["correlationId"],
            Data = line[at..^1],
        };
    }

    /// <summary>Computes the hash anew.</summary>
    public void Seal(byte[] previous)
    {
        Previous = previous;
        var time = DateTimeOffset.Parse(RecordedAt, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind);
        var hashed = new HashedEvent(
            PortfolioId,
            new EventOrder(Version, PortfolioVersion),
            Stream,
            Type,
            Guid.Parse(Id),
            time,
            new HashedOrigin(Actor, CommandId, CorrelationId));
        Hash = EventHash.Of(previous, hashed, Encoding.UTF8.GetBytes(Data));
    }

    /// <param name="proof">With its comma; empty where there is none.</param>
    public string ToLine(string proof) => new StringBuilder()
        .Append(CultureInfo.InvariantCulture, $"{{\"sequence\":{Sequence},\"portfolioId\":{PortfolioId}")
        .Append(CultureInfo.InvariantCulture, $",\"portfolioVersion\":{PortfolioVersion},\"stream\":{Text(Stream)}")
        .Append(CultureInfo.InvariantCulture, $",\"version\":{Version},\"type\":{Text(Type)},\"id\":{Text(Id)}")
        .Append(CultureInfo.InvariantCulture, $",\"recordedAt\":{Text(RecordedAt)},\"actor\":{Text(Actor)}")
        .Append(CultureInfo.InvariantCulture, $",\"commandId\":{Text(CommandId)}")
        .Append(CultureInfo.InvariantCulture, $",\"correlationId\":{Text(CorrelationId)}")
        .Append(CultureInfo.InvariantCulture, $",\"previousHash\":\"{Convert.ToHexStringLower(Previous)}\"")
        .Append(CultureInfo.InvariantCulture, $",\"hash\":\"{Convert.ToHexStringLower(Hash)}\"{proof}")
        .Append(CultureInfo.InvariantCulture, $",\"data\":{Data}}}")
        .ToString();

    private static string Text(string? text) => JsonSerializer.Serialize(text);
}

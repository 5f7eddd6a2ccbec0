using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Bifrost.EventStore;

/// <summary>
/// An event as it is hashed, beside its payload: all that the log keeps of it but its sequence, which only the commit
/// gives.
/// </summary>
/// <param name="PortfolioId">The portfolio in whose history it stands.</param>
/// <param name="RecordedAt">In whole microseconds.</param>
public readonly record struct HashedEvent(
    int PortfolioId,
    EventOrder Place,
    string Stream,
    string Type,
    Guid Id,
    DateTimeOffset RecordedAt,
    HashedOrigin Origin);

/// <summary>The columns that tell of an event's origin, as they are stored.</summary>
public readonly record struct HashedOrigin(string? Actor, string? CommandId, string? CorrelationId);

/// <summary>
/// The hash chain of a portfolio: the hash of an event covers that of the one before it, so whoever changes one event
/// has to change all that follow.
/// </summary>
/// <remarks>
/// The format is told in docs/audit.md and is one for all times. The database's function ledger.event_hash and the
/// verifier in scripts/verify.py compute the same.
/// </remarks>
public static class EventHash
{
    public const int Bytes = SHA256.HashSizeInBytes;

    // Room for the numbers, the time, the id and the lengths of all parts.
    private const int Overhead = 512;

    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'";

    /// <summary>What the first event of a portfolio follows.</summary>
    public static byte[] Beginning => new byte[Bytes];

    /// <summary>A time as it is hashed and exported: UTC with microseconds.</summary>
    public static string Text(DateTimeOffset time) =>
        time.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture);

    /// <param name="previous">The hash of the portfolio's event before; <see cref="Beginning"/> for its first.</param>
    /// <param name="payload">The JSON in UTF-8, as the database prints it.</param>
    public static byte[] Of(ReadOnlySpan<byte> previous, in HashedEvent e, ReadOnlySpan<byte> payload)
    {
        var text = new Parts(stackalloc byte[2048], Overhead + payload.Length + Utf8Length(e));
        text.Add("bifrost event 1");
        text.AddHex(previous);
        text.Add(e.PortfolioId);
        text.Add(e.Place.PortfolioVersion);
        text.Add(e.Stream);
        text.Add(e.Place.StreamVersion);
        text.Add(e.Type);
        text.Add(e.Id, "D");
        text.Add(e.RecordedAt.UtcDateTime, TimeFormat);
        text.Add(e.Origin.Actor);
        text.Add(e.Origin.CommandId);
        text.Add(e.Origin.CorrelationId);
        text.Add(payload);
        return SHA256.HashData(text.Written);
    }

    private static int Utf8Length(in HashedEvent e) => 3 * (e.Stream.Length + e.Type.Length
        + (e.Origin.Actor?.Length ?? 0) + (e.Origin.CommandId?.Length ?? 0) + (e.Origin.CorrelationId?.Length ?? 0));

    /// <summary>Parts one after another, each as a netstring: its length in bytes, a colon, it, a comma.</summary>
    private ref struct Parts(Span<byte> small, int most)
    {
        private readonly Span<byte> buffer = most <= small.Length ? small : new byte[most];
        private int length;

        public readonly ReadOnlySpan<byte> Written => buffer[..length];

        public void Add(scoped ReadOnlySpan<byte> part)
        {
            part.Length.TryFormat(buffer[length..], out var digits, default, CultureInfo.InvariantCulture);
            length += digits;
            buffer[length++] = (byte)':';
            part.CopyTo(buffer[length..]);
            length += part.Length;
            buffer[length++] = (byte)',';
        }

        // What is not there is not the same as what is empty.
        public void Add(string? part)
        {
            if (part is null)
            {
                "-,"u8.CopyTo(buffer[length..]);
                length += 2;
                return;
            }
            var count = Encoding.UTF8.GetByteCount(part);
            count.TryFormat(buffer[length..], out var digits, default, CultureInfo.InvariantCulture);
            length += digits;
            buffer[length++] = (byte)':';
            length += Encoding.UTF8.GetBytes(part, buffer[length..]);
            buffer[length++] = (byte)',';
        }

        public void Add<T>(T part, ReadOnlySpan<char> format = default)
            where T : IUtf8SpanFormattable
        {
            Span<byte> text = stackalloc byte[40];
            part.TryFormat(text, out var written, format, CultureInfo.InvariantCulture);
            Add(text[..written]);
        }

        public void AddHex(scoped ReadOnlySpan<byte> part)
        {
            Span<byte> text = stackalloc byte[2 * Bytes];
            Convert.TryToHexStringLower(part, text, out var written);
            Add(text[..written]);
        }
    }
}

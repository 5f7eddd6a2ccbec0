using System.Globalization;
using System.Text.Json;
using Bifrost.EventStore;

namespace Bifrost.Audit.Exporting;

/// <summary>The lines of a file as bytes, none longer than a limit.</summary>
internal sealed class ExportLines(string name, int longest) : IDisposable
{
    private readonly FileStream file = new(name, FileMode.Open, FileAccess.Read, FileShare.Read);
    private byte[] buffer = new byte[64 * 1024];
    private int begin;
    private int end;

    /// <summary>Of the line that was read last, from 1.</summary>
    public long Count { get; private set; }

    /// <summary>The next line without its end; null where the file has ended.</summary>
    /// <exception cref="FormatException">The line is too long, or the file ends within it.</exception>
    public ReadOnlyMemory<byte>? Next()
    {
        Count++;
        var looked = 0;
        while (true)
        {
            var found = buffer.AsSpan(begin + looked, end - begin - looked).IndexOf((byte)'\n');
            if (found >= 0)
            {
                var line = buffer.AsMemory(begin, looked + found);
                begin += looked + found + 1;
                return line;
            }
            looked = end - begin;
            if (looked > longest)
                throw new FormatException($"it is longer than {longest} bytes");
            if (!Fill())
                return looked == 0 ? null : throw new FormatException("it has no end: it was cut off");
        }
    }

    /// <summary>Whether there is nothing more.</summary>
    public bool IsEnd() => begin == end && !Fill();

    public void Dispose() => file.Dispose();

    private bool Fill()
    {
        if (begin > 0)
        {
            buffer.AsSpan(begin, end - begin).CopyTo(buffer);
            (begin, end) = (0, end - begin);
        }
        if (end == buffer.Length)
            Array.Resize(ref buffer, 2 * buffer.Length);
        var read = file.Read(buffer, end, buffer.Length - end);
        end += read;
        return read > 0;
    }
}

/// <summary>Members of a line, each taken only as the ledger writes it.</summary>
internal static class ExportMembers
{
    /// <summary>Refuses a line that has others, or has them in another order; a name with ? may be absent.</summary>
    public static void HasOnly(this JsonElement line, params ReadOnlySpan<string> names)
    {
        var next = 0;
        foreach (var member in line.EnumerateObject())
        {
            while (next < names.Length && names[next].TrimEnd('?') != member.Name)
            {
                if (names[next] is not ("" or [.., '?']))
                    throw new FormatException($"'{member.Name}' stands where '{names[next]}' should");
                next++;
            }
            if (next++ == names.Length)
                throw new FormatException($"'{member.Name}' does not belong there");
        }
        foreach (var name in names[Math.Min(next, names.Length)..])
        {
            if (name is not ("" or [.., '?']))
                throw new FormatException($"'{name}' is missing");
        }
    }

    public static string Text(this JsonElement line, string name) =>
        line.GetProperty(name).GetString() ?? throw new FormatException($"{name} is null");

    public static Guid Id(this JsonElement line, string name) =>
        Guid.TryParseExact(line.Text(name), "D", out var id) && id.ToString("D") == line.Text(name)
            ? id
            : throw new FormatException($"{name} is no UUID in lower case");

    // Only as it is hashed: another text for the same moment was not written by the ledger.
    public static DateTimeOffset Time(this JsonElement line, string name) =>
        DateTimeOffset.TryParse(
            line.Text(name), CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var time)
        && EventHash.Text(time) == line.Text(name)
            ? time
            : throw new FormatException($"{name} is no time with microseconds in UTC");

    public static byte[] Hash(this JsonElement line, string name) => HashOf(line.GetProperty(name), name);

    public static IReadOnlyList<byte[]> Hashes(this JsonElement line, string name, int most) =>
        line.GetProperty(name).GetArrayLength() <= most
            ? [.. line.GetProperty(name).EnumerateArray().Select(hash => HashOf(hash, name))]
            : throw new FormatException($"{name} has more than {most} hashes");

    private static byte[] HashOf(JsonElement text, string name) =>
        text.GetString() is { Length: 2 * EventHash.Bytes } hash && hash.All(char.IsAsciiHexDigitLower)
            ? Convert.FromHexString(hash)
            : throw new FormatException($"{name} is no hash of 64 digits in lower case");
}

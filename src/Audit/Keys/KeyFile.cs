using System.Text.Json;
using Bifrost.Audit.Anchors;

namespace Bifrost.Audit.Keys;

/// <summary>
/// What was said about the keys of a log in a file, a line each, oldest first; it is only appended to.
/// </summary>
public static class KeyFile
{
    public const string Name = "keys.jsonl";

    /// <summary>What no key has said anything about yet, where there is no file.</summary>
    /// <param name="file">Lines, or the list as the API answers it.</param>
    /// <exception cref="AuditException">What is there is not signed as it stands, or does not follow.</exception>
    public static KeyChain Read(string file, bool mayGrow = false)
    {
        if (!File.Exists(file))
            return new KeyChain([]);
        try
        {
            var lines = Published(file) ?? LineFile.Read(file, mayGrow);
            return new KeyChain([.. lines.Select(KeyStatement.Parse)]);
        }
        catch (FormatException e)
        {
            throw new AuditException($"{file}: {e.Message}", e);
        }
    }

    /// <summary>The keys that signed in a folder, the first one first, and what they say of each other.</summary>
    /// <exception cref="AuditException">What is there is not to be believed.</exception>
    public static (IReadOnlyList<KeySpan> Keys, IReadOnlyList<KeyStatement> Statements) ReadAll(AuditFolder folder)
    {
        var chain = Read(folder.Keys, mayGrow: true);
        // Where no key ever handed over, there is the one that signs.
        return chain.Spans.Count == 0 && AnchorFile.Latest(folder.Anchors) is { } latest
            ? ([new KeySpan(latest.KeyId, latest.PublicKey, null, null, null)], [])
            : (chain.Spans, chain.Statements);
    }

    internal static void Append(string file, KeyStatement statement) => LineFile.Append(file, statement.ToLine());

    // Null where it is none.
    private static string[]? Published(string file)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllText(file));
            return document.RootElement.TryGetProperty("statements", out var statements)
                ? [.. statements.EnumerateArray().Select(statement => statement.GetRawText())]
                : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Several lines are no document.
            return null;
        }
    }
}

using System.Text.RegularExpressions;

namespace Bifrost.Tidy.Tests;

/// <summary>A place where a text names a command of <c>./bifrost</c>.</summary>
/// <param name="Words">What stands after ./bifrost.</param>
/// <param name="IsExample">It stands on a line of its own, and nothing of it is to be filled in.</param>
internal sealed partial record Mention(int Line, IReadOnlyList<string> Words, bool IsExample)
{
    private const string Script = "./bifrost ";

    public static IEnumerable<Mention> In(TextFile page)
    {
        // Quotes may go on in the next line; in a block of code a line is a line.
        var prose = Fence().Replace(page.Text, block => Blank().Replace(block.Value, " "));
        foreach (Match quote in Quote().Matches(prose))
        {
            var words = Split(Space().Replace(quote.Groups[1].Value, " "));
            yield return new Mention(page.LineAt(quote.Index), words, IsExample: false);
        }
        var unquoted = Quote().Replace(page.Text, quote => Blank().Replace(quote.Value, " "));
        foreach (var (index, line) in unquoted.Split('\n').Index())
        {
            var at = line.IndexOf(Script, StringComparison.Ordinal);
            if (at < 0)
                continue;
            // Two spaces or a # set the explanation off, a quotation mark ends what is quoted.
            var end = at > 0 && line[at - 1] == '\'' ? QuotationMark() : Explanation();
            var words = Split(end.Split(line[(at + Script.Length)..], 2)[0]);
            var isAlone = string.IsNullOrWhiteSpace(line[..at]) && words.Count > 0;
            yield return new Mention(index + 1, words, isAlone && !words.Any(word => Placeholder().IsMatch(word)));
        }
    }

    private static List<string> Split(string text) =>
        [.. Argument().Matches(text).Select(word => word.Value.Trim('\'', '"').TrimEnd('.', ',', ';', ':', ')'))];

    [GeneratedRegex("^```.*?^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();

    [GeneratedRegex(@"`\./bifrost\s+([^`]+)`")]
    private static partial Regex Quote();

    [GeneratedRegex(@"[^\n]")]
    private static partial Regex Blank();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Space();

    [GeneratedRegex("'")]
    private static partial Regex QuotationMark();

    [GeneratedRegex("  | #|: ")]
    private static partial Regex Explanation();

    [GeneratedRegex(@"'[^']*'|""[^""]*""|\S+")]
    private static partial Regex Argument();

    // A word in capitals, something left out, or a choice.
    [GeneratedRegex(@"^[A-Z]+…?$|…|^\[|\|")]
    private static partial Regex Placeholder();
}

using System.Reflection;
using System.Text.RegularExpressions;
using Bifrost.Api.Http;
using Bifrost.Domain;
using Bifrost.EventStore;

namespace Bifrost.Tidy.Tests;

public sealed partial class DocumentTests
{
    private const string Events = "docs/events.md";
    private const string Errors = "docs/errors.md";

    [Fact]
    public void every_event_is_documented_and_every_documented_event_exists() => House.Holds(EventNames);

    [Fact]
    public void every_rejection_has_its_heading_status_and_number() => House.Holds(RejectionHeadings);

    [Fact]
    public void every_problem_has_its_heading_and_every_heading_its_problem() => House.Holds(ProblemHeadings);

    [Fact]
    public void paths_that_documents_name_exist() => House.Holds(DocumentPaths);

    [Fact]
    public void documents_that_sources_name_exist() => House.Holds(SourcePaths);

    // An event stands in backticks in the first cell of a row.
    internal static IEnumerable<Offence> EventNames()
    {
        var page = Repository.File(Events);
        var documented = EventRow().Matches(page.Text).ToLookup(row => row.Groups[1].Value);
        foreach (var missing in EventCatalog.All.Select(type => type.Alias).Where(alias => !documented.Contains(alias)))
            yield return new Offence(Events, 1, $"does not have `{missing}`: add a row that says what it means.");
        foreach (var row in documented.Where(row => EventCatalog.All.All(type => type.Alias != row.Key)))
            yield return new Offence(Events, page.LineAt(row.First().Index), $"`{row.Key}` is no event: delete it.");
    }

    internal static IEnumerable<Offence> RejectionHeadings()
    {
        var sections = Sections();
        foreach (var code in Enum.GetValues<RejectionCode>())
        {
            if (!Problems.OfRejections.TryGetValue(code, out var kind))
                yield return new Offence("src/Api/Http/Problems.cs", 1, $"has no {code}: give it a status and a slug.");
            else if (!sections.TryGetValue(kind.Slug, out var section))
                yield return new Offence(Errors, 1, $"has no heading '### {kind.Slug}': say its cause and what to do.");
            else if (!Regex.IsMatch(section.Text, $@"^{kind.Status}, code {(int)code}\b"))
                yield return new Offence(
                    Errors, section.Line, $"{kind.Slug} should begin with '{kind.Status}, code {(int)code}'.");
        }
    }

    internal static IEnumerable<Offence> ProblemHeadings()
    {
        var sections = Sections();
        var kinds = typeof(Problems).GetFields(BindingFlags.Public | BindingFlags.Static)
            .Select(field => field.GetValue(null)).OfType<ProblemKind>().ToList();
        foreach (var kind in kinds)
        {
            if (!sections.TryGetValue(kind.Slug, out var section))
                yield return new Offence(Errors, 1, $"has no heading '### {kind.Slug}': say its cause and what to do.");
            else if (!section.Text.StartsWith($"{kind.Status}", StringComparison.Ordinal))
                yield return new Offence(Errors, section.Line, $"{kind.Slug} should begin with '{kind.Status}'.");
        }
        var known = kinds.Concat(Problems.OfRejections.Values).Select(kind => kind.Slug).ToHashSet();
        foreach (var (slug, section) in sections.Where(section => !known.Contains(section.Key)))
            yield return new Offence(Errors, section.Line, $"'### {slug}' is never answered: delete it.");
    }

    internal static IEnumerable<Offence> DocumentPaths() =>
        from page in Pages
        from Match match in QuotedPath().Matches(page.Text)
        let path = match.Groups[1].Value
        where !Repository.Has(path)
        select new Offence(page.Path, page.LineAt(match.Index), $"{path} does not exist: correct the path.");

    internal static IEnumerable<Offence> SourcePaths() =>
        from file in Repository.Files
        where file.Is("cs") || file.Is("sql") || file.Is("sh")
        from Match match in NamedDocument().Matches(file.Text)
        where !Repository.Has(match.Value)
        select new Offence(file.Path, file.LineAt(match.Index), $"{match.Value} does not exist: correct the path.");

    internal static IEnumerable<TextFile> Pages =>
        Repository.Files.Where(file => file.Path == "README.md" || (file.IsIn("docs") && file.Is("md")));

    private static Dictionary<string, (int Line, string Text)> Sections()
    {
        var page = Repository.File(Errors);
        return Heading().Matches(page.Text).ToDictionary(
            match => match.Groups[1].Value,
            match => (page.LineAt(match.Index), page.Text[(match.Index + match.Length)..].TrimStart('\n')));
    }

    [GeneratedRegex(@"^\| `([a-z_]+)` \|", RegexOptions.Multiline)]
    private static partial Regex EventRow();

    [GeneratedRegex("^### (.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"`((?:src|tests|docs|sql|bench|scripts)/[^`\s#]*)")]
    private static partial Regex QuotedPath();

    [GeneratedRegex(@"(?<![\w/-])(?:src|tests|docs|sql|bench|scripts)/[\w./-]+\.(?:md|cs|sql|sh)\b")]
    private static partial Regex NamedDocument();
}

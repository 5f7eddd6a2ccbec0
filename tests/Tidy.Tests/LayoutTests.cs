using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Bifrost.Tidy.Tests;

public sealed partial class LayoutTests
{
    private const int RootEntries = 14;

    private static readonly string[] RootDocuments = ["README.md", "LICENSE"];

    // A project may refer to those before it.
    private static readonly string[] Order =
    [
        "Domain", "EventStore", "Messaging", "Jobs", "Webhooks", "Instruments", "MarketData", "Projections", "Replay",
        "Audit", "Grains", "Workers", "Api", "Cli",
    ];

    [Fact]
    public void the_root_shows_at_most_14_entries() => House.Holds(CrowdedRoot);

    [Fact]
    public void readme_and_license_are_the_only_documents_in_the_root() => House.Holds(Documents);

    [Fact]
    public void projects_refer_to_each_other_in_one_direction() => House.Holds(References);

    [Fact]
    public void the_domain_has_no_package_but_analyzers() => House.Holds(DomainPackages);

    [Fact]
    public void sql_files_say_why_and_are_numbered_without_gaps() => House.Holds(Migrations);

    internal static IEnumerable<Offence> CrowdedRoot()
    {
        var entries = Repository.RootEntries.ToList();
        var shown = string.Join(' ', entries);
        if (entries.Count > RootEntries)
            yield return new Offence(".", 1, $"shows {entries.Count}: {shown}: move some into a folder.");
    }

    internal static IEnumerable<Offence> Documents()
    {
        var documents = Repository.RootEntries.Where(entry => Document().IsMatch(entry)).ToList();
        foreach (var extra in documents.Except(RootDocuments))
            yield return new Offence(extra, 1, "is a document: move it to docs, or delete it.");
        foreach (var missing in RootDocuments.Except(documents))
            yield return new Offence(missing, 1, "is missing: write it.");
    }

    internal static IEnumerable<Offence> References()
    {
        foreach (var project in Projects)
        {
            var name = Path.GetFileNameWithoutExtension(project.Path);
            var rank = Array.IndexOf(Order, name);
            if (rank < 0)
                yield return new Offence(project.Path, 1, "has no place in the order of projects: give it one here.");
            foreach (var (line, target) in Included(project, "ProjectReference"))
            {
                var other = Path.GetFileNameWithoutExtension(target.Replace('\\', '/'));
                if (!Order.Take(Math.Max(rank, 0)).Contains(other))
                    yield return new Offence(project.Path, line, $"refers to {other}: it may see those below it only.");
            }
        }
    }

    internal static IEnumerable<Offence> DomainPackages() =>
        from package in Included(Repository.File("src/Domain/Domain.csproj"), "PackageReference")
        where !package.Name.EndsWith("Analyzers", StringComparison.Ordinal)
        select new Offence("src/Domain/Domain.csproj", package.Line, $"takes {package.Name}: it must need no package.");

    internal static IEnumerable<Offence> Migrations()
    {
        var files = Repository.Files.Where(file => file.IsIn("sql") && file.Is("sql"));
        foreach (var folder in files.GroupBy(file => Path.GetDirectoryName(file.Path)))
        {
            var next = 1;
            foreach (var file in folder.OrderBy(file => file.Path, StringComparer.Ordinal))
            {
                if (!Path.GetFileName(file.Path).StartsWith($"{next:0000}_", StringComparison.Ordinal))
                    yield return new Offence(file.Path, 1, $"should be number {next:0000}: leave no gap.");
                if (!file.Lines[0].StartsWith("-- Why: ", StringComparison.Ordinal))
                    yield return new Offence(file.Path, 1, "does not begin with '-- Why:': say why it is there.");
                next++;
            }
        }
    }

    private static IEnumerable<TextFile> Projects =>
        Repository.Files.Where(file => file.IsIn("src") && file.Is("csproj"));

    private static IEnumerable<(int Line, string Name)> Included(TextFile project, string item) =>
        from element in XDocument.Parse(project.Text, LoadOptions.SetLineInfo).Descendants(item)
        let line = ((System.Xml.IXmlLineInfo)element).LineNumber
        select (line, element.Attribute("Include")!.Value);

    [GeneratedRegex(@"\.(md|txt|rst|adoc|pdf|docx?|html)$|^[A-Z]+$")]
    private static partial Regex Document();
}

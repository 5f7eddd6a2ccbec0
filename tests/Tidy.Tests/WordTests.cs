using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Bifrost.Tidy.Tests;

public sealed partial class WordTests
{
    private static readonly string[] Exact =
        ["src/Domain", "src/EventStore", "src/Projections", "src/Replay", "src/Audit"];

    private static readonly string[] Waits = ["Thread.Sleep", "Task.Delay"];

    [Fact]
    public void no_source_is_folded_into_regions() => House.Holds(Regions);

    [Fact]
    public void nothing_is_left_for_later_in_a_comment() => House.Holds(Unfinished);

    [Fact]
    public void no_path_is_of_one_machine() => House.Holds(HomePaths);

    [Fact]
    public void no_test_sleeps() => House.Holds(Sleeps);

    [Fact]
    public void no_amount_is_a_floating_point_number() => House.Holds(FloatingPoint);

    internal static IEnumerable<Offence> Regions() => Repository.Sources.SelectMany(RegionsOf);

    internal static IEnumerable<Offence> Unfinished() =>
        Found(Later(), "is for later: do it now, or say in an ADR why it is not done.");

    internal static IEnumerable<Offence> HomePaths() =>
        Found(HomePath(), "is a path of one machine: begin at the repository's root.");

    internal static IEnumerable<Offence> Sleeps() =>
        Repository.Sources.Where(file => file.IsIn("tests")).SelectMany(SleepsOf);

    internal static IEnumerable<Offence> FloatingPoint() =>
        Repository.Sources.Where(file => Exact.Any(file.IsIn)).SelectMany(FloatingPointOf);

    internal static IEnumerable<Offence> RegionsOf(SourceFile file) =>
        from trivia in file.Tree.DescendantTrivia()
        where trivia.IsKind(SyntaxKind.RegionDirectiveTrivia)
        select new Offence(file.Path, file.LineAt(trivia.SpanStart), "is a region: make a type of it, or nothing.");

    internal static IEnumerable<Offence> SleepsOf(SourceFile file) =>
        from access in file.All<MemberAccessExpressionSyntax>()
        let name = access.ToString()
        where Waits.Any(wait => name.EndsWith(wait, StringComparison.Ordinal))
        select new Offence(file.Path, file.LineOf(access), $"{name}: wait for what is to happen, not for a while.");

    internal static IEnumerable<Offence> FloatingPointOf(SourceFile file) =>
        from token in file.Tree.DescendantTokens()
        where token.Kind() is SyntaxKind.DoubleKeyword or SyntaxKind.FloatKeyword
            || token.Value is double or float
            || (token.IsKind(SyntaxKind.IdentifierToken) && token.Text is "Double" or "Single" && IsType(token.Parent))
        select new Offence(file.Path, file.LineOf(token), $"{token.Text} is not exact: use decimal.");

    // Single is a method of LINQ as well; as a type it stands alone or behind its namespace.
    private static bool IsType(SyntaxNode? name) => name switch
    {
        IdentifierNameSyntax { Parent: MemberAccessExpressionSyntax access } => access.Expression == name
            || access.Expression.ToString() == "System",
        IdentifierNameSyntax => true,
        _ => false,
    };

    private static IEnumerable<Offence> Found(Regex words, string advice) =>
        from file in Repository.Files
        from Match match in words.Matches(file.Text)
        select new Offence(file.Path, file.LineAt(match.Index), $"{match.Value} {advice}");

    [GeneratedRegex(@"\b(FIXME|TODO|HACK)\b")]
    private static partial Regex Later();

    [GeneratedRegex(@"(?<![\w.}\])/*$-])/(root|home|Users)/\w")]
    private static partial Regex HomePath();
}

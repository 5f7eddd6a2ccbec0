using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Bifrost.Tidy.Tests;

public sealed class SizeTests
{
    private const int ProductionLines = 400;
    private const int TestLines = 500;
    private const int MethodLines = 70;
    private const int Characters = 120;
    private const int Parameters = 7;

    [Fact]
    public void production_files_have_at_most_400_lines() => House.Holds(LongProductionFiles);

    [Fact]
    public void test_files_have_at_most_500_lines() => House.Holds(LongTestFiles);

    [Fact]
    public void methods_have_at_most_70_lines() => House.Holds(LongMethods);

    [Fact]
    public void lines_have_at_most_120_characters() => House.Holds(LongLines);

    [Fact]
    public void nothing_takes_more_than_7_parameters() => House.Holds(LongParameterLists);

    internal static IEnumerable<Offence> LongProductionFiles() =>
        Code.Where(file => !IsTest(file) && file.Length > ProductionLines)
            .Select(file => new Offence(file.Path, ProductionLines, $"has {file.Length} lines: take a part out."));

    internal static IEnumerable<Offence> LongTestFiles() =>
        Code.Where(file => IsTest(file) && file.Length > TestLines)
            .Select(file => new Offence(file.Path, TestLines, $"has {file.Length} lines: split the class by subject."));

    internal static IEnumerable<Offence> LongMethods() => Repository.Sources.SelectMany(LongMethodsOf);

    internal static IEnumerable<Offence> LongLines() => Code.SelectMany(LongLinesOf);

    internal static IEnumerable<Offence> LongParameterLists() => Repository.Sources.SelectMany(LongParameterListsOf);

    internal static IEnumerable<Offence> LongMethodsOf(SourceFile file) =>
        from node in file.Tree.DescendantNodes()
        where node is BaseMethodDeclarationSyntax or LocalFunctionStatementSyntax or AccessorDeclarationSyntax
        // Attributes belong to the method and not to its length.
        let first = file.LineOf(node.ChildNodesAndTokens().First(child => !child.IsKind(SyntaxKind.AttributeList)))
        let lines = file.LineAt(node.Span.End) - first + 1
        where lines > MethodLines
        select new Offence(file.Path, first, $"{NameOf(node)} has {lines} lines: give its parts names of their own.");

    internal static IEnumerable<Offence> LongParameterListsOf(SourceFile file) =>
        from list in file.All<ParameterListSyntax>()
        where list.Parameters.Count > Parameters
        let found = $"{NameOf(list.Parent!)} has {list.Parameters.Count} parameters"
        select new Offence(file.Path, file.LineOf(list), $"{found}: name what belongs together.");

    internal static IEnumerable<Offence> LongLinesOf(TextFile file) =>
        from line in file.Lines.Index()
        where line.Item.Length > Characters
        select new Offence(file.Path, line.Index + 1, $"has {line.Item.Length} characters: break the line.");

    private static IEnumerable<TextFile> Code => Repository.Files.Where(file =>
        file.Is("cs") || file.Is("sql") || file.Is("sh") || file.Text.StartsWith("#!", StringComparison.Ordinal));

    private static bool IsTest(TextFile file) => file.IsIn("tests") || file.IsIn("bench");

    private static string NameOf(SyntaxNode node) => node switch
    {
        MethodDeclarationSyntax method => method.Identifier.Text,
        LocalFunctionStatementSyntax function => function.Identifier.Text,
        BaseTypeDeclarationSyntax type => type.Identifier.Text,
        DelegateDeclarationSyntax type => type.Identifier.Text,
        ConstructorDeclarationSyntax constructor => constructor.Identifier.Text,
        AccessorDeclarationSyntax accessor => accessor.Keyword.Text,
        _ => "this",
    };
}

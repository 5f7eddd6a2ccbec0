using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Bifrost.Tidy.Tests;

public sealed partial class NameTests
{
    private const int LongestSentence = 90;

    private static readonly string[] Banned = ["Manager", "Helper", "Utils", "Common", "Base", "Impl", "Dto", "Data"];

    private static readonly SyntaxKind[] Closed =
        [SyntaxKind.SealedKeyword, SyntaxKind.StaticKeyword, SyntaxKind.AbstractKeyword];

    private static readonly string[] OfTests = ["Fact", "Theory", "SkippableFact", "SkippableTheory"];

    [Fact]
    public void no_type_is_called_by_an_empty_word() => House.Holds(EmptyWords);

    [Fact]
    public void every_concrete_class_and_record_is_sealed() => House.Holds(Unsealed);

    [Fact]
    public void test_names_are_lower_snake_sentences_of_at_most_90_characters() => House.Holds(TestNames);

    internal static IEnumerable<Offence> EmptyWords() => Repository.Sources.SelectMany(EmptyWordsOf);

    internal static IEnumerable<Offence> Unsealed() => Repository.Sources.SelectMany(UnsealedOf);

    internal static IEnumerable<Offence> TestNames() => Repository.Sources.SelectMany(TestNamesOf);

    internal static IEnumerable<Offence> EmptyWordsOf(SourceFile file) =>
        from type in file.All<MemberDeclarationSyntax>()
        let name = type switch
        {
            BaseTypeDeclarationSyntax declared => declared.Identifier,
            DelegateDeclarationSyntax declared => declared.Identifier,
            _ => default,
        }
        from word in Banned
        where name != default && name.Text.EndsWith(word, StringComparison.Ordinal)
        select new Offence(file.Path, file.LineOf(name), $"{name.Text} ends in {word}: say what it is or does.");

    internal static IEnumerable<Offence> UnsealedOf(SourceFile file) =>
        from type in file.All<TypeDeclarationSyntax>()
        where type.Kind() is SyntaxKind.ClassDeclaration or SyntaxKind.RecordDeclaration
        where !Closed.Any(kind => type.Modifiers.Any(kind))
        select new Offence(file.Path, file.LineOf(type.Identifier), $"{type.Identifier.Text} is open: seal it.");

    internal static IEnumerable<Offence> TestNamesOf(SourceFile file) =>
        from method in file.All<MethodDeclarationSyntax>()
        where method.AttributeLists.SelectMany(list => list.Attributes).Any(a => OfTests.Contains(a.Name.ToString()))
        let name = method.Identifier.Text
        where name.Length > LongestSentence || !Sentence().IsMatch(name)
        let line = file.LineOf(method.Identifier)
        select new Offence(file.Path, line, $"{name}: write a lower_snake sentence of at most 90 characters.");

    [GeneratedRegex("^[a-z0-9]+(_[a-z0-9]+)+$")]
    private static partial Regex Sentence();
}

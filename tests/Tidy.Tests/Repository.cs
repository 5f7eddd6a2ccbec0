using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Bifrost.Tidy.Tests;

/// <summary>A file of the repository that people write, by its path from the root.</summary>
internal abstract record TextFile(string Path, string Text)
{
    public string[] Lines { get; } = Text.Split('\n');

    /// <summary>Lines, without the empty one after the last newline.</summary>
    public int Length => Lines[^1].Length == 0 ? Lines.Length - 1 : Lines.Length;

    public bool Is(string extension) => Path.EndsWith($".{extension}", StringComparison.Ordinal);

    public bool IsIn(string folder) => Path.StartsWith($"{folder}/", StringComparison.Ordinal);

    /// <summary>The line, from 1, that a place in the text is on.</summary>
    public int LineAt(int index) => Text.AsSpan(0, index).Count('\n') + 1;
}

/// <summary>A script, a document, a project …</summary>
internal sealed record PlainFile(string Path, string Text) : TextFile(Path, Text);

/// <summary>A C# file with its syntax tree.</summary>
internal sealed record SourceFile(string Path, string Text) : TextFile(Path, Text)
{
    public SyntaxNode Tree { get; } = CSharpSyntaxTree.ParseText(Text).GetRoot();

    public IEnumerable<T> All<T>()
        where T : SyntaxNode => Tree.DescendantNodes().OfType<T>();

    public int LineOf(SyntaxNodeOrToken node) => LineAt(node.SpanStart);
}

/// <summary>The working tree that the tests were built from.</summary>
internal static class Repository
{
    private static readonly string[] Made = ["bin", "obj", "TestResults", "BenchmarkDotNet.Artifacts"];

    // Extensions of files that people write. Market bars and lock files are written by programs.
    private static readonly string[] Written =
        [".cs", ".sql", ".sh", ".md", ".csproj", ".props", ".targets", ".json", ".yml", ".txt", ""];

    public static readonly string Root = Find();

    public static readonly IReadOnlyList<TextFile> Files = [.. Read(Root)];

    public static readonly IReadOnlyList<SourceFile> Sources = [.. Files.OfType<SourceFile>()];

    /// <summary>What a listing of the root shows, but for what a build leaves there and empty folders.</summary>
    public static IEnumerable<string> RootEntries =>
        from entry in new DirectoryInfo(Root).EnumerateFileSystemInfos()
        where !entry.Name.StartsWith('.') && !Made.Contains(entry.Name)
        where entry is not DirectoryInfo folder || folder.EnumerateFiles("*", SearchOption.AllDirectories).Any()
        orderby entry.Name
        select entry.Name;

    public static TextFile File(string path) => Files.Single(file => file.Path == path);

    public static bool Has(string path) => Path.Exists(Path.Combine(Root, path));

    private static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!System.IO.File.Exists(Path.Combine(folder.FullName, "Bifrost.sln")))
            folder = folder.Parent ?? throw new InvalidOperationException("No folder above has Bifrost.sln.");
        return folder.FullName;
    }

    private static IEnumerable<TextFile> Read(string folder)
    {
        foreach (var path in Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal))
        {
            if (!Written.Contains(Path.GetExtension(path)) || Path.GetFileName(path) == "packages.lock.json")
                continue;
            var (name, text) = (Path.GetRelativePath(Root, path).Replace('\\', '/'), System.IO.File.ReadAllText(path));
            if (path.EndsWith(".cs", StringComparison.Ordinal))
                yield return new SourceFile(name, text);
            else
                yield return new PlainFile(name, text);
        }
        foreach (var inner in Directory.EnumerateDirectories(folder).Order(StringComparer.Ordinal))
        {
            var name = Path.GetFileName(inner);
            if (Made.Contains(name) || (name.StartsWith('.') && name is not (".ci" or ".github")))
                continue;
            foreach (var file in Read(inner))
                yield return file;
        }
    }
}

using Bifrost.MarketData.Files;

namespace Bifrost.MarketData.Tests.Files;

/// <summary>Published bars beside the repository. They are read in place and never copied into it.</summary>
internal static class RealFiles
{
    private static readonly string? Folder = Find();

    public static async Task<FileRead> Read(string name, BarFileOptions options)
    {
        await using var content = Open(name);
        return await FileRead.Of(content, options);
    }

    public static FileStream Open(string name)
    {
        Skip.If(Folder is null, "there are no real bars at ../shared/data/bars beside the repository");
        return File.OpenRead(Path.Combine(Folder!, name));
    }

    public static long Length(string name) => new FileInfo(Path.Combine(Folder!, name)).Length;

    private static string? Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Bifrost.sln")))
            folder = folder.Parent;
        var bars = folder is null ? null : Path.Combine(folder.FullName, "..", "shared", "data", "bars");
        return Directory.Exists(bars) ? bars : null;
    }
}

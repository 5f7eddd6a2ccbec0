using Xunit;

namespace Bifrost.Harness;

/// <summary>Published bars beside the repository. They are read in place and never copied into it.</summary>
public static class TestBars
{
    private static readonly string? Folder = Find();

    /// <summary>The folder that they are in; the test is skipped where it is not there.</summary>
    public static string OrSkip()
    {
        Skip.If(Folder is null, "there are no real bars at ../shared/data/bars beside the repository");
        return Folder!;
    }

    private static string? Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Bifrost.sln")))
            folder = folder.Parent;
        var bars = folder is null ? null : Path.Combine(folder.FullName, "..", "shared", "data", "bars");
        return Directory.Exists(bars) ? bars : null;
    }
}

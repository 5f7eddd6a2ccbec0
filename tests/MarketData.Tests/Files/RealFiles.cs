using Bifrost.MarketData.Files;

namespace Bifrost.MarketData.Tests.Files;

/// <summary>Published bars beside the repository.</summary>
internal static class RealFiles
{
    public static async Task<FileRead> Read(string name, BarFileOptions options)
    {
        await using var content = Open(name);
        return await FileRead.Of(content, options);
    }

    public static FileStream Open(string name) => File.OpenRead(Path.Combine(TestBars.OrSkip(), name));

    public static long Length(string name) => new FileInfo(Path.Combine(TestBars.OrSkip(), name)).Length;
}

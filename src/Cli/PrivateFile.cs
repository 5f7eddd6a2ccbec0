namespace Bifrost.Cli;

/// <summary>Files with what is in the ledger: for their owner alone, whatever the umask is.</summary>
internal static class PrivateFile
{
    /// <summary>An empty file to be written; one that is there already keeps the rights that it has.</summary>
    public static FileStream Create(string name)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return new FileStream(name, options);
    }
}

using System.Globalization;
using Bifrost.Audit.Anchors;

namespace Bifrost.Workers.Watching;

/// <summary>There is room where anchors are kept. The database's own disk is for whoever runs it to watch.</summary>
internal sealed class DiskWatched(AuditOptions options, WatchLimits limits) : IWatched
{
    private const double Megabyte = 1024 * 1024;

    public Condition Look() => new("disk", TimeSpan.Zero, Free() is { } free && free < limits.FreeMegabytes
        ? string.Create(CultureInfo.InvariantCulture, $"There are {free:0} MB left where the anchors are kept.")
        : null);

    // Of a folder that is not there yet, or a disk that is gone, the signing of anchors tells itself.
    private double? Free()
    {
        if (options.Root is not { } root || !Directory.Exists(root))
            return null;
        try
        {
            return new DriveInfo(Path.GetFullPath(root)).AvailableFreeSpace / Megabyte;
        }
        catch (IOException)
        {
            return null;
        }
    }
}

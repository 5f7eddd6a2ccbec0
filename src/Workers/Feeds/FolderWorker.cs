using System.Text.Json;
using System.Text.Json.Serialization;
using Bifrost.Domain;
using Bifrost.MarketData.Bars;
using Bifrost.MarketData.Files;
using Bifrost.MarketData.Ingestion;
using Microsoft.Extensions.Logging;

namespace Bifrost.Workers.Feeds;

/// <summary>
/// Loads the files that are put into the folders min, hour and day below a watched one, and moves them to done, or to
/// failed with the reason beside them. A file is taken once it has stopped growing; one that was cut off by the end of
/// the server is still there and is loaded again, which does no harm.
/// </summary>
public sealed class FolderWorker(
    string folder, BarIngestion ingestion, LoadLimits limits, ILogger<FolderWorker> logger)
    : RepeatedWork(logger)
{
    // Looked at rather than listened to: notices of changes do not come through network drives and volumes.
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(2);

    private const string OptionsName = ".options.json";

    private static readonly JsonSerializerOptions Strict = new()
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    private readonly Wakeup wakeup = new();
    private Dictionary<string, (long Length, DateTime ChangedAt)> seen = [];

    protected override string Name => $"The watch of {folder}";

    protected override async Task Turn(CancellationToken cancel)
    {
        var now = new Dictionary<string, (long Length, DateTime ChangedAt)>();
        foreach (var interval in Enum.GetValues<BarInterval>())
        {
            foreach (var file in Files(interval))
            {
                var look = (file.Length, file.LastWriteTimeUtc);
                now[file.FullName] = look;
                if (seen.TryGetValue(file.FullName, out var before) && before == look)
                    await Load(file, interval, cancel);
            }
        }
        seen = now;
        await wakeup.Wait(Period, cancel);
    }

    // Names that begin with a dot are those of files that are still being copied.
    private IEnumerable<FileInfo> Files(BarInterval interval)
    {
        var place = Directory.CreateDirectory(Path.Combine(folder, interval.Word()));
        return place.EnumerateFiles().Where(file => !file.Name.StartsWith('.')).OrderBy(file => file.Name);
    }

    private async Task Load(FileInfo file, BarInterval interval, CancellationToken cancel)
    {
        try
        {
            IngestCounts counts;
            await using (var content = file.OpenRead())
            {
                var options = await Options(file, interval, cancel);
                counts = await ingestion.Run(
                    BarFile.Read(content, options, cancel),
                    interval,
                    new BarOrigin(file.Name, OnPurpose: true),
                    progress: null,
                    cancel);
            }
            Move(file, "done");
            logger.LogInformation(
                "{File}: read {Read}, written {Written}, unchanged {Unchanged}, quarantined {Quarantined}",
                file.Name, counts.Read, counts.Written, counts.Unchanged, counts.Quarantined);
        }
        catch (UnreadableBarsException e)
        {
            var told = e.Lacking is { } setting ? $" ({BarFileWords.NameOf(setting)} in {OptionsName})" : "";
            logger.LogError("{File}: {Reason}", file.Name, e.Message + told);
            await Refuse(file, e.Message + told, cancel);
        }
    }

    // What is said once for all files of a folder; the folder says the interval, and the file's name the symbol.
    private async Task<BarFileOptions> Options(FileInfo file, BarInterval interval, CancellationToken cancel)
    {
        var place = Path.Combine(file.DirectoryName!, OptionsName);
        var words = new BarFileWords();
        try
        {
            if (File.Exists(place))
                words = JsonSerializer.Deserialize<BarFileWords>(await File.ReadAllTextAsync(place, cancel), Strict);
        }
        catch (JsonException e)
        {
            throw new UnreadableBarsException($"{OptionsName} beside the file is not what it has to be: {e.Message}");
        }
        var faults = new List<string>();
        var options = ((words ?? new BarFileWords()) with { Interval = interval.Word() })
            .ToOptions((name, fault) => faults.Add($"{name} {fault}"));
        return faults.Count == 0
            ? options with { Symbol = options.Symbol ?? SymbolOf(file.Name), Limits = limits }
            : throw new UnreadableBarsException($"In {OptionsName} beside the file, {string.Join("; ", faults)}.");
    }

    // The reason is there whole or not at all: whoever looks for it may look at any moment.
    private async Task Refuse(FileInfo file, string reason, CancellationToken cancel)
    {
        var failed = Directory.CreateDirectory(Path.Combine(folder, "failed"));
        var draft = Path.Combine(failed.FullName, $".{file.Name}.reason.txt");
        await File.WriteAllTextAsync(draft, $"{reason}\n", cancel);
        Move(file, "failed");
        File.Move(draft, Path.Combine(failed.FullName, $"{file.Name}.reason.txt"), overwrite: true);
    }

    /// <summary>
    /// What rows that name no symbol are of: ORCL of ORCL.csv.gz, BTC/USDT of BTC%2FUSDT.csv because no name of a file
    /// has a slash; null where the name cannot be a symbol.
    /// </summary>
    private static string? SymbolOf(string fileName) =>
        Symbols.Canonical(Uri.UnescapeDataString(fileName.Split('.', '_')[0]));

    private void Move(FileInfo file, string to)
    {
        var place = Directory.CreateDirectory(Path.Combine(folder, to));
        file.MoveTo(Path.Combine(place.FullName, file.Name), overwrite: true);
    }
}

using System.Text.Json;
using Bifrost.Jobs;
using Bifrost.MarketData.Storage;
using Npgsql;

namespace Bifrost.Workers.Jobs;

/// <summary>Drops bars that are older than they are to be kept.</summary>
/// <param name="database">As the owner of the bars, who alone may drop chunks of them.</param>
public sealed class MarketRetentionJob(NpgsqlDataSource database) : IJobKind
{
    public string Name => "market-retention";

    public string Description => "Drops bars that are older than ./bifrost market retention says to keep them.";

    public string? ProblemWith(JsonElement arguments) => new JobArguments(arguments).Problem;

    public async Task<JsonElement?> Run(JobContext job, CancellationToken cancel)
    {
        await new BarRetention(database, await BarStorage.Find(database, cancel)).Apply(cancel);
        return null;
    }
}

/// <summary>Drops jobs that ended long ago, with what they gave back.</summary>
public sealed class JobRetentionJob(JobStore jobs) : IJobKind
{
    private const int Days = 30;

    public string Name => "job-retention";

    public string Description => $"Drops jobs that ended, however they ended, more than {Days} days ago.";

    public string? ProblemWith(JsonElement arguments) => new JobArguments(arguments).Problem;

    public async Task<JsonElement?> Run(JobContext job, CancellationToken cancel)
    {
        var dropped = await jobs.DiscardEnded(TimeSpan.FromDays(Days), cancel);
        return JsonSerializer.SerializeToElement(new { dropped }, JsonSerializerOptions.Web);
    }
}

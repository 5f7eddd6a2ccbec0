using Bifrost.MarketData.Storage;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Bifrost.Workers;

/// <summary>Drops bars that are older than they are to be kept, once an hour.</summary>
/// <param name="database">As the owner of the bars, who alone may drop chunks of them.</param>
public sealed class RetentionWorker(NpgsqlDataSource database, ILogger<RetentionWorker> logger) : RepeatedWork(logger)
{
    private static readonly TimeSpan Period = TimeSpan.FromHours(1);

    private readonly Wakeup wakeup = new();

    protected override string Name => "The retention";

    protected override async Task Turn(CancellationToken cancel)
    {
        await new BarRetention(database, await BarStorage.Find(database, cancel)).Apply(cancel);
        await wakeup.Wait(Period, cancel);
    }
}

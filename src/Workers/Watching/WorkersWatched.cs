using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Bifrost.Workers.Watching;

/// <summary>What works in the background does not fail again and again.</summary>
/// <param name="services">Asked late, because what watches is one of the hosted services itself.</param>
internal sealed class WorkersWatched(IServiceProvider services, WatchLimits limits) : IWatched
{
    private RepeatedWork[]? workers;

    public Condition Look()
    {
        workers ??= [.. services.GetServices<IHostedService>().OfType<RepeatedWork>()];
        var failing = workers.Where(worker => worker.FailingFor > TimeSpan.Zero).ToList();
        var longest = failing.Select(worker => worker.FailingFor).DefaultIfEmpty().Max();
        var problems = failing.Where(worker => worker.FailingFor > limits.Workers).Select(worker => worker.Problem);
        var problem = string.Join(' ', problems);
        return new Condition("workers", longest, problem.Length == 0 ? null : problem);
    }
}

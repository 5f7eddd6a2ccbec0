using Microsoft.Extensions.DependencyInjection;
using Wolverine;
using Wolverine.Attributes;
using Wolverine.ErrorHandling;
using Wolverine.Postgresql;
using Wolverine.Runtime;
using Wolverine.Runtime.Handlers;

namespace Bifrost.Jobs;

/// <summary>A job is to be done by the node that takes this.</summary>
/// <param name="Turn">How often the job was queued before: no other message of it is good.</param>
[MessageIdentity("run-job")]
public sealed record RunJob(Guid JobId, int Turn);

internal sealed class RunJobHandler : MessageHandler<RunJob>
{
    private static readonly TimeSpan[] Outage = [TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5)];

    // Jobs are ended by whoever cancels them, not by the clock.
    private static readonly TimeSpan Longest = TimeSpan.FromDays(7);

    public override void ConfigureChain(HandlerChain chain)
    {
        chain.ExecutionTimeoutInSeconds = (int)Longest.TotalSeconds;
        // What a job fails for is kept with the job. What comes here is that this could not be: the database is away.
        chain.OnAnyException().ScheduleRetryIndefinitely(Outage);
    }

    protected override Task HandleAsync(RunJob message, MessageContext context, CancellationToken cancellation) =>
        context.Runtime.Services.GetRequiredService<JobRunner>().Run(message.JobId, message.Turn, cancellation);
}

/// <summary>The queue of jobs: each is taken by one node of all, and a node works on two at a time.</summary>
internal sealed class JobMessages : IWolverineExtension
{
    private const string Queue = "jobs";

    // There is more to a node than its jobs.
    private const int AtOnce = 2;

    public void Configure(WolverineOptions options)
    {
        options.PublishMessage<RunJob>().ToPostgresqlQueue(Queue).UseDurableOutbox();
        options.ListenToPostgresqlQueue(Queue).UseDurableInbox()
            .MaximumParallelMessages(AtOnce).MaximumMessagesToReceive(AtOnce);
        options.AddMessageHandler(new RunJobHandler());
    }
}

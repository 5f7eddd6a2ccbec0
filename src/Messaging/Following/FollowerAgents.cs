using Microsoft.Extensions.Logging;
using Wolverine.Runtime;
using Wolverine.Runtime.Agents;

namespace Bifrost.Messaging.Following;

/// <summary>A follower by its name, which its place in the log is kept under.</summary>
internal sealed record KnownFollower(string Name, Lazy<IFollower> Follower);

/// <summary>
/// The followers that are wanted, spread over the nodes: each is on one of them, and on another when that one dies.
/// </summary>
internal sealed class FollowerAgents : IAgentFamily
{
    private readonly Dictionary<Uri, KnownFollower> followers;
    private readonly FollowerDaemon daemon;
    private readonly ILogger<FollowerAgents> logger;
    private IReadOnlyList<Uri> wanted = [];

    public FollowerAgents(IEnumerable<KnownFollower> followers, FollowerDaemon daemon, ILogger<FollowerAgents> logger)
    {
        this.followers = followers.ToDictionary(follower => new Uri($"{Scheme}://{follower.Name}"));
        this.daemon = daemon;
        this.logger = logger;
    }

    public string Scheme => "follower";

    public async ValueTask<IReadOnlyList<Uri>> AllKnownAgentsAsync()
    {
        var found = new List<Uri>();
        foreach (var (uri, known) in followers)
        {
            if (await known.Follower.Value.WantedAfter(CancellationToken.None) is not null)
                found.Add(uri);
        }
        return wanted = found;
    }

    public ValueTask<IAgent> BuildAgentAsync(Uri uri, IWolverineRuntime wolverineRuntime)
    {
        var known = followers[uri];
        return ValueTask.FromResult<IAgent>(
            new FollowerAgent(uri, known.Name, known.Follower.Value, daemon, logger));
    }

    public ValueTask<IReadOnlyList<Uri>> SupportedAgentsAsync() =>
        ValueTask.FromResult<IReadOnlyList<Uri>>([.. followers.Keys]);

    public ValueTask EvaluateAssignmentsAsync(AssignmentGrid assignments)
    {
        // Those that run and are not wanted any more stay where they are, unless they are taken away.
        foreach (var agent in assignments.AllAgents.Where(a => a.Uri.Scheme == Scheme && !wanted.Contains(a.Uri)))
            agent.Detach();
        assignments.DistributeEvenly(Scheme, wanted.Contains);
        return ValueTask.CompletedTask;
    }
}

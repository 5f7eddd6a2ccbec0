using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace Bifrost.Grains;

/// <summary>
/// Ends a node that cannot go on as a part of its cluster: most often it did not answer for so long that the others
/// gave it up. Whatever it still writes for portfolios that others have by then, the database refuses; started again it
/// is another node.
/// </summary>
public sealed class NodeEnd(IHostApplicationLifetime lifetime, ILogger<NodeEnd> logger) : IFatalErrorHandler
{
    /// <summary>Why the node ends; null while it does not.</summary>
    public string? Reason { get; private set; }

    public bool IsUnexpected(Exception exception) => true;

    public void OnFatalException(object? sender = null, string? context = null, Exception? exception = null)
    {
        Reason ??= context ?? exception?.Message ?? "The silo cannot go on.";
        logger.LogCritical(exception, "This node of the cluster ends: {Reason}", Reason);
        lifetime.StopApplication();
    }
}

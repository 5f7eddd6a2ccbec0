using System.Text.Json;

namespace Bifrost.Jobs;

/// <summary>A kind of long work: what it is called, what it takes, and how it is done.</summary>
/// <remarks>
/// A job may be begun more than once: after a node died, or was only slow, in the middle of it. What it does has to be
/// right all the same: done again it changes nothing, or it goes on from what <see cref="JobContext.Save"/> kept.
/// </remarks>
public interface IJobKind
{
    /// <summary>Lower case, words joined by hyphens.</summary>
    string Name { get; }

    /// <summary>One sentence for operators: what it does, and what its arguments are.</summary>
    string Description { get; }

    /// <summary>Whether it reads content that was sent with it.</summary>
    bool TakesContent => false;

    /// <summary>What is wrong with arguments, in a sentence; null where nothing is.</summary>
    string? ProblemWith(JsonElement arguments);

    /// <summary>Does it.</summary>
    /// <param name="cancel">Signalled where it is cancelled, the node stops, or another node has taken it over.</param>
    /// <returns>What came of it, as JSON; null where there is nothing to say.</returns>
    /// <exception cref="JobFailedException">It cannot be done, and would fail again just so.</exception>
    Task<JsonElement?> Run(JobContext job, CancellationToken cancel);
}

/// <summary>A job cannot be done, for a reason that trying again would not mend.</summary>
public sealed class JobFailedException(string message, Exception? inner = null) : Exception(message, inner);

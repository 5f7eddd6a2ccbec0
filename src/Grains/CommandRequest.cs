using System.Collections.Immutable;
using Bifrost.Domain;

namespace Bifrost.Grains;

/// <summary>A command on its way to its portfolio.</summary>
/// <param name="PortfolioId">The portfolio that decides it.</param>
/// <param name="ExpectedVersion">Refuse where the portfolio is not at this version (HTTP If-Match).</param>
[GenerateSerializer, Immutable]
public sealed record CommandRequest(
    int PortfolioId, Command Command, CommandIdentity Identity, long? ExpectedVersion = null)
{
    /// <summary>
    /// Whether an equal command may have been applied before: its receipt is looked for before it is decided.
    /// </summary>
    [Id(0)]
    public bool MayBeRepeat { get; init; }
}

/// <summary>Who gave a command, and the names under which its answer is kept.</summary>
/// <param name="Keys">
/// The first is the command's id and stored with its events. A command is applied once for each of them: the caller's
/// idempotency key, and the id that the business itself gives it (a client order id, an execution id).
/// </param>
/// <param name="Fingerprint">A hash of what was asked for; a key that comes again with another one is refused.</param>
/// <param name="CorrelationId">What the command is part of, for instance a trace.</param>
[GenerateSerializer, Immutable]
public sealed record CommandIdentity(
    string Actor, ImmutableArray<CommandKey> Keys, byte[] Fingerprint, string? CorrelationId = null)
{
    /// <summary>An identity that nobody can repeat: the command has no key of its caller's.</summary>
    public static CommandIdentity Unrepeatable(string actor, string? correlationId = null)
    {
        var key = new CommandKey($"command:{Guid.CreateVersion7()}", RejectionCode.IdempotencyKeyReused);
        return new CommandIdentity(actor, [key], [], correlationId);
    }
}

/// <summary>A name under which a command is applied once.</summary>
/// <param name="Reused">What to answer where the name comes again with other terms.</param>
[GenerateSerializer, Immutable]
public readonly record struct CommandKey(string Value, RejectionCode Reused);

/// <summary>What a caller is told, once it is durable.</summary>
/// <param name="PortfolioVersion">The portfolio's version after the command.</param>
/// <param name="Sequence">The sequence of the event at that version.</param>
/// <param name="Rejection">Null where the command was accepted.</param>
/// <param name="IsReplayed">Whether this is the answer that an earlier, equal command was given.</param>
[GenerateSerializer, Immutable]
public sealed record Answer(
    int PortfolioId,
    long PortfolioVersion,
    long Sequence,
    Effect Effect,
    Rejection? Rejection,
    bool IsReplayed = false);

/// <summary>The database could not be reached in time.</summary>
/// <param name="outcomeUnknown">
/// Whether the command may have taken effect: repeat it with the same key to find out.
/// </param>
[GenerateSerializer]
public sealed class LedgerUnavailableException(bool outcomeUnknown)
    : Exception(
        outcomeUnknown
            ? "The database did not confirm the command in time; it may have taken effect."
            : "The database cannot be reached; the command was not applied.")
{
    [Id(0)]
    public bool OutcomeUnknown { get; } = outcomeUnknown;
}

/// <summary>The portfolio's history cannot be folded by this build; its commands wait for a repair.</summary>
[GenerateSerializer]
public sealed class PortfolioStoppedException(string message) : Exception(message)
{
    public PortfolioStoppedException(int portfolioId, Exception reason)
        : this($"Portfolio {portfolioId} has stopped: {reason.Message}")
    {
    }
}

/// <summary>A command met a bug, which the log of the portfolio's node tells of.</summary>
[GenerateSerializer]
public sealed class PortfolioFaultException(string message) : Exception(message);

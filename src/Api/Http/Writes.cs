using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Serialization;
using Bifrost.Api.Access;
using Bifrost.Domain;
using Bifrost.Grains;
using Bifrost.Instruments;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Bifrost.Api.Http;

/// <summary>What a write answers. Only what the write itself decided, so that a repeat is answered the same.</summary>
/// <param name="PortfolioVersion">The portfolio's version after the write, for If-Match.</param>
/// <param name="Sequence">The place of its last event in the whole log.</param>
public sealed record WriteAnswer(int PortfolioId, long PortfolioVersion, long Sequence)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? OrderId { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Status { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? FundingId { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? TransactionId { get; init; }

    /// <summary>True where the fact left cash below zero.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? Overdrawn { get; init; }

    /// <summary>True where the fact sold more than was held.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? Oversold { get; init; }

    /// <summary>True where the fills of the order are more than it was for.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? Overfilled { get; init; }

    /// <summary>True where the fill came for an order that had been cancelled or had expired.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? AfterEnd { get; init; }

    public static WriteAnswer Of(Answer answer) => new(answer.PortfolioId, answer.PortfolioVersion, answer.Sequence)
    {
        OrderId = answer.Effect.OrderId,
        Status = answer.Effect.Status,
        FundingId = answer.Effect.FundingId,
        TransactionId = answer.Effect.TransactionId,
        Overdrawn = answer.Effect.Overdrawn,
        Oversold = answer.Effect.Oversold,
        Overfilled = answer.Effect.Overfilled,
        AfterEnd = answer.Effect.AfterEnd,
    };
}

/// <summary>What a write of many portfolios came to in one of them.</summary>
public sealed record Outcome(int PortfolioId, WriteAnswer? Accepted, ProblemDetails? Refused);

/// <summary>Takes a checked command to the ledger and turns its answer into HTTP.</summary>
public sealed class Writes(Ledger ledger, InstrumentCatalog instruments)
{
    private const string KeyHeader = "Idempotency-Key";
    private const string ReplayedHeader = "Idempotency-Replayed";
    private const int LongestKey = 200;

    private const string Recorded = " (This is the answer that was recorded when it was first asked for; a new try "
        + "needs a new key.)";

    // Of a write of many portfolios: enough to fill the writer's batches, and few beside everybody else's commands.
    private const int MostAtOnce = 64;

    public Ledger Ledger => ledger;

    /// <summary>By what names instruments are known.</summary>
    public InstrumentCatalog Instruments => instruments;

    /// <summary>Whether what was asked for had been answered before, and was answered the same.</summary>
    public static bool IsReplayed(HttpContext http) => http.Response.Headers.ContainsKey(ReplayedHeader);

    /// <summary>Whether an answer is kept under the request's idempotency key, to this one or to another.</summary>
    public async Task<bool> IsRepeat(HttpContext http) =>
        IdempotencyKey(http, new Check(TimeProvider.System)) is { } key
        && await ledger.HasAnswered(Key("key", Caller.Of(http).Actor, key), http.RequestAborted);

    /// <param name="request">What was asked for, as it came.</param>
    /// <param name="natural">The key that the business itself gives the command, if any.</param>
    /// <param name="terms">
    /// What is compared where a key comes again; the command where it is null. The same key with other terms is
    /// refused.
    /// </param>
    public async Task<Results<Created<WriteAnswer>, ProblemHttpResult>> Create<T>(
        HttpContext http,
        int portfolioId,
        Command command,
        T request,
        CommandKey? natural,
        Func<WriteAnswer, string> location,
        Command? terms = null)
    {
        var (answer, problem) = await Execute(http, portfolioId, command, request, natural, terms ?? command);
        return problem is null ? TypedResults.Created(location(answer!), answer) : problem;
    }

    /// <inheritdoc cref="Create"/>
    public async Task<Results<Ok<WriteAnswer>, ProblemHttpResult>> Change<T>(
        HttpContext http, int portfolioId, Command command, T request, CommandKey? natural = null)
    {
        var (answer, problem) = await Execute(http, portfolioId, command, request, natural, command);
        return problem is null ? TypedResults.Ok(answer) : problem;
    }

    private async Task<(WriteAnswer? Answer, ProblemHttpResult? Problem)> Execute<T>(
        HttpContext http, int portfolioId, Command command, T request, CommandKey? natural, Command terms)
    {
        var check = new Check(TimeProvider.System);
        var version = IfMatch(http, check);
        var key = IdempotencyKey(http, check);
        if (check.Failed)
            return (null, check.Problem);
        var identity = Identity(http, key, natural, () => Fingerprints.Of(portfolioId, terms));
        var answer = await Execute(
            new CommandRequest(portfolioId, command, identity, version),
            () => Fingerprints.OfRequest(portfolioId, command, request));
        if (answer.IsReplayed)
            http.Response.Headers[ReplayedHeader] = "true";
        return answer.Rejection is null ? (Accepted(http, answer), null) : (null, Refused(answer));
    }

    // A key that was used before may have a receipt of before: then the request as it came tells whether it is the
    // same. It is answered from there, and never decided again.
    private async Task<Answer> Execute(CommandRequest request, Func<byte[]> former)
    {
        var answer = await ledger.Execute(request);
        if (answer.Rejection is not { Code: var code } || request.Identity.Keys.All(key => key.Reused != code))
            return answer;
        var identity = request.Identity with { Fingerprint = former() };
        var known = await ledger.Execute(request with { Identity = identity, MayBeRepeat = true });
        return known.IsReplayed ? known : answer;
    }

    /// <summary>
    /// Gives one command to many portfolios, each by itself: what one refuses the others do all the same. With an
    /// idempotency key a repeat completes what was broken off.
    /// </summary>
    /// <returns>In the order of <paramref name="portfolios"/>.</returns>
    /// <exception cref="LedgerUnavailableException">Some have it, and some may not.</exception>
    public async Task<(IReadOnlyList<Outcome> Outcomes, ProblemHttpResult? Problem)> ChangeEach<T>(
        HttpContext http, IReadOnlyList<int> portfolios, Command command, T request, CancellationToken cancel)
    {
        var check = new Check(TimeProvider.System);
        var key = IdempotencyKey(http, check);
        if (check.Failed)
            return ([], check.Problem);
        // Without a key it is one that nobody can repeat; either way it is what its events have in common.
        var (actor, whole) = (Caller.Of(http).Actor, key ?? $"{Guid.CreateVersion7()}");
        var correlation = Trace(http) ?? Key("each", actor, whole).Value;
        var (outcomes, replayed) = (new Outcome[portfolios.Count], 0);
        var atOnce = new ParallelOptions { MaxDegreeOfParallelism = MostAtOnce, CancellationToken = cancel };
        await Parallel.ForAsync(0, portfolios.Count, atOnce, async (at, _) =>
        {
            var portfolioId = portfolios[at];
            var one = Key("each", actor, string.Create(CultureInfo.InvariantCulture, $"{portfolioId}:{whole}"));
            var identity = new CommandIdentity(actor, [one], Fingerprints.Of(portfolioId, command), correlation);
            try
            {
                var answer = await Execute(
                    new CommandRequest(portfolioId, command, identity),
                    () => Fingerprints.OfRequest(portfolioId, command, request));
                Interlocked.Add(ref replayed, answer.IsReplayed ? 1 : 0);
                outcomes[at] = answer.Rejection is null
                    ? new Outcome(portfolioId, WriteAnswer.Of(answer), null)
                    : new Outcome(portfolioId, null, RefusalOf(answer));
            }
            catch (PortfolioStoppedException stopped)
            {
                var told = Problems.Details(Problems.PortfolioStopped, stopped.Message);
                outcomes[at] = new Outcome(portfolioId, null, told);
            }
        });
        if (replayed > 0 && replayed == portfolios.Count)
            http.Response.Headers[ReplayedHeader] = "true";
        return (outcomes, null);
    }

    private static WriteAnswer Accepted(HttpContext http, Answer answer)
    {
        http.Response.Headers.ETag = string.Create(CultureInfo.InvariantCulture, $"\"{answer.PortfolioVersion}\"");
        return WriteAnswer.Of(answer);
    }

    private static ProblemHttpResult Refused(Answer answer) => TypedResults.Problem(RefusalOf(answer));

    private static ProblemDetails RefusalOf(Answer answer)
    {
        var rejection = answer.Rejection!;
        // What it says of balances is of the moment when it was first asked for.
        var details = Problems.Details(
            Problems.OfRejections[rejection.Code], answer.IsReplayed ? rejection.Detail + Recorded : rejection.Detail);
        details.Extensions["code"] = (long)rejection.Code;
        if (answer.PortfolioVersion > 0)
        {
            details.Extensions["portfolioId"] = (long)answer.PortfolioId;
            details.Extensions["portfolioVersion"] = answer.PortfolioVersion;
            details.Extensions["sequence"] = answer.Sequence;
        }
        if (answer.Effect.OrderId is { } orderId)
            details.Extensions["orderId"] = (long)orderId;
        if (answer.Effect.FundingId is { } fundingId)
            details.Extensions["fundingId"] = (long)fundingId;
        return details;
    }

    private static CommandIdentity Identity(
        HttpContext http, string? key, CommandKey? natural, Func<byte[]> fingerprint)
    {
        var actor = Caller.Of(http).Actor;
        var keys = ImmutableArray.CreateBuilder<CommandKey>(2);
        if (key is not null)
            keys.Add(Key("key", actor, key));
        if (natural is { } given)
            keys.Add(given);
        return keys.Count == 0
            ? CommandIdentity.Unrepeatable(actor, Trace(http))
            : new CommandIdentity(actor, keys.ToImmutable(), fingerprint(), Trace(http));
    }

    // No actor has a colon, so nobody's keys begin with another's name.
    private static CommandKey Key(string space, string actor, string key) =>
        new($"{space}:{actor}:{key}", RejectionCode.IdempotencyKeyReused);

    private static string? Trace(HttpContext http) =>
        http.Request.Headers.ContainsKey("traceparent") ? Activity.Current?.TraceId.ToHexString() : null;

    private static long? IfMatch(HttpContext http, Check check)
    {
        var header = http.Request.Headers.IfMatch.ToString();
        if (header.Length == 0 || header == "*")
            return null;
        if (long.TryParse(header.Trim('"'), NumberStyles.None, CultureInfo.InvariantCulture, out var version))
            return version;
        check.Add("If-Match", "holds a portfolio's version in quotes, such as \"12\".");
        return null;
    }

    private static string? IdempotencyKey(HttpContext http, Check check)
    {
        if (!http.Request.Headers.TryGetValue(KeyHeader, out var values))
            return null;
        var key = values.ToString();
        if (key.Length is 0 or > LongestKey
            || !key.All(c => char.IsAsciiLetterOrDigit(c) || char.IsPunctuation(c) || char.IsSymbol(c)))
        {
            check.Add(KeyHeader, $"has 1 to {LongestKey} printable characters and no spaces; a UUID does well.");
        }
        return key;
    }
}

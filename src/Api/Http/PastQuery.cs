using Bifrost.Domain;
using Bifrost.Replay.TimeTravel;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Bifrost.Api.Http;

/// <summary>The moment that a read asks about; the present where nothing is said.</summary>
public readonly record struct PastQuery
{
    /// <summary>What was recorded until this time (RFC 3339).</summary>
    [FromQuery(Name = "asOf")]
    public string? AsOf { get; init; }

    /// <summary>What was recorded through this sequence.</summary>
    [FromQuery(Name = "sequence")]
    public string? Sequence { get; init; }

    /// <summary>What had occurred until this time (RFC 3339), of what is known or was known as of the others.</summary>
    [FromQuery(Name = "effective")]
    public string? Effective { get; init; }

    /// <summary>The names of all of them in a query.</summary>
    public static IReadOnlyList<string> Names { get; } = ["asOf", "sequence", "effective"];

    public bool IsAsked => AsOf is not null || Sequence is not null || Effective is not null;

    public Moment Read(Check check) => new()
    {
        AsOf = check.Time("asOf", AsOf),
        Sequence = Sequence is null ? null : Pages.Number(check, "sequence", Sequence, 0),
        Effective = check.Time("effective", Effective),
    };
}

/// <summary>Reads the past for the routes.</summary>
internal sealed class PastReads(Travel travel, PastMarks marks)
{
    /// <summary>The portfolio at the moment, with the prices of then.</summary>
    public async Task<(ValuedPast? Past, ProblemHttpResult? Problem)> Valued(
        int portfolioId, PastQuery query, Check check, CancellationToken cancel)
    {
        var (past, problem) = await Find(portfolioId, query, check, cancel);
        return past is null ? (null, problem) : (await marks.Value(past, query.Read(check), cancel), null);
    }

    public async Task<(Past? Past, ProblemHttpResult? Problem)> Find(
        int portfolioId, PastQuery query, Check check, CancellationToken cancel)
    {
        var moment = query.Read(check);
        if (check.Failed)
            return (null, check.Problem);
        return await travel.Read(portfolioId, moment, cancel) is { } past
            ? (past, null)
            : (null, Problems.Of(
                RejectionCode.PortfolioNotFound, $"Nothing was known of a portfolio {portfolioId} then."));
    }
}

/// <summary>
/// Refuses to answer for the past where only the present is kept: the present under its name would be a wrong answer.
/// </summary>
internal sealed class OnlyPresent : IEndpointFilter
{
    public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var asked = PastQuery.Names.FirstOrDefault(context.HttpContext.Request.Query.ContainsKey);
        return asked is null
            ? next(context)
            : ValueTask.FromResult<object?>(Problems.Invalid(new Dictionary<string, string>
            {
                [asked] = "is not asked of this list, which is of the present.",
            }));
    }
}

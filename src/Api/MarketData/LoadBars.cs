using System.Text.Json;
using Bifrost.Api.Access;
using Bifrost.Api.Http;
using Bifrost.Api.Jobs;
using Bifrost.Jobs;
using Bifrost.MarketData.Bars;
using Bifrost.MarketData.Files;
using Bifrost.MarketData.Ingestion;
using Bifrost.Workers.Jobs;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Bifrost.Api.MarketData;

/// <summary>What became of the rows of a body. Every row is written, unchanged or quarantined.</summary>
/// <param name="Corrected">Of the written rows, those that replaced another value.</param>
/// <param name="NotKept">Of the quarantined rows, those that are only counted, because there are so many.</param>
public sealed record LoadBarsAnswer(
    long Read, long Written, long Corrected, long Unchanged, long Quarantined, long NotKept);

/// <summary>What the body does not say of itself.</summary>
internal readonly record struct LoadBarsQuery
{
    /// <summary>min, hour or day.</summary>
    [FromQuery(Name = "interval")]
    public string? Interval { get; init; }

    /// <summary>The symbol of rows that name none.</summary>
    [FromQuery(Name = "symbol")]
    public string? Symbol { get; init; }

    /// <summary>Of times without an offset: an IANA name or an offset such as +01:00.</summary>
    [FromQuery(Name = "timeZone")]
    public string? TimeZone { get; init; }

    /// <summary>start or end: what a time says of its bar.</summary>
    [FromQuery(Name = "labels")]
    public string? Labels { get; init; }

    /// <summary>How many minutes a bar is long, where times say its end.</summary>
    [FromQuery(Name = "barMinutes")]
    public int? BarMinutes { get; init; }

    /// <summary>Of dates such as 1/2/1990 where no row tells: mdy or dmy.</summary>
    [FromQuery(Name = "dateOrder")]
    public string? DateOrder { get; init; }

    /// <summary>Names for the columns of a body without a header line, with commas between.</summary>
    [FromQuery(Name = "columns")]
    public string? Columns { get; init; }

    /// <summary>What quarantined rows and corrections name as their origin.</summary>
    [FromQuery(Name = "source")]
    public string? Source { get; init; }

    public BarFileWords Words => new()
    {
        Interval = Interval,
        Symbol = Symbol,
        // A plus sign that was not escaped has become a space.
        TimeZone = TimeZone?.Replace(' ', '+'),
        Labels = Labels,
        BarMinutes = BarMinutes,
        DateOrder = DateOrder,
        Columns = Columns,
        Source = Source ?? "api",
    };
}

internal static class LoadBarsRoute
{
    private const string PreferHeader = "Prefer";

    public static void Map(IEndpointRouteBuilder api) => api.MapPost("/market-data/bars", Handle)
        .OpenTo(AccessRule.LoadMarket)
        .WithName("LoadBars").WithTags("Market data")
        .WithSummary("Stores bars: CSV, JSON lines or a JSON array, gzip or not, of any size, as it arrives")
        // What it is shows by its content; a sender that says nothing, or something else, is not sent away for it.
        .Accepts<Stream>("text/csv", "application/x-ndjson", "application/json", "application/gzip", "*/*")
        // Batches are stored as they arrive, so memory does not grow with the body.
        .WithMetadata(new DisableRequestSizeLimitAttribute())
        .WithDescription(
            "With the header Prefer: respond-async the body is taken whole and loaded by a job: the answer is 202, and "
            + "Location says where the job is.")
        .ProducesProblem(400).ProducesProblem(422).ProducesProblem(504)
        .DisableRequestTimeout();

    private static async Task<Results<Ok<LoadBarsAnswer>, Accepted<JobView>, ProblemHttpResult>> Handle(
        [AsParameters] LoadBarsQuery query,
        HttpRequest request,
        BarIngestion ingestion,
        JobControl jobs,
        LoadLimits limits,
        CancellationToken cancel)
    {
        var check = new Check(TimeProvider.System);
        check.OptionalText("source", query.Source, 200);
        var words = query.Words;
        var options = words.ToOptions((name, fault) => check.Add(name, $"{fault}.")) with { Limits = limits };
        if (check.Failed)
            return check.Problem;
        var progress = new Stored();
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limited.CancelAfter(limits.Time);
        try
        {
            if (request.Headers[PreferHeader].Any(IsAsynchronous))
                return await Later(words, request, jobs, limited.Token);
            var counts = await ingestion.Run(
                BarFile.Read(request.Body, options, limited.Token),
                options.Interval,
                new BarOrigin(words.Source!, OnPurpose: true),
                progress,
                limited.Token);
            return TypedResults.Ok(AnswerOf(counts));
        }
        catch (UnreadableBarsException e)
        {
            var told = e.Lacking is { } setting ? $" ({BarFileWords.NameOf(setting)} in the query)" : "";
            return Ended(Problems.BarsUnreadable, e.Message + told, progress);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return Ended(
                Problems.TookTooLong, $"A body of bars is taken for {limits.Time.TotalMinutes:0} minutes.", progress);
        }
    }

    // What was stored before stays stored.
    private static ProblemHttpResult Ended(ProblemKind kind, string detail, Stored progress)
    {
        var problem = Problems.Details(kind, detail);
        problem.Extensions["counts"] = AnswerOf(progress.Counts);
        return TypedResults.Problem(problem);
    }

    // RFC 7240: preferences are separated by commas, and one that is not understood is passed over.
    private static bool IsAsynchronous(string? preferences) => preferences!.Split(',', StringSplitOptions.TrimEntries)
        .Contains("respond-async", StringComparer.OrdinalIgnoreCase);

    private static async Task<Results<Ok<LoadBarsAnswer>, Accepted<JobView>, ProblemHttpResult>> Later(
        BarFileWords words, HttpRequest request, JobControl jobs, CancellationToken cancel)
    {
        var arguments = JsonSerializer.SerializeToElement(words);
        try
        {
            var job = new JobRequest(IngestJob.Kind, arguments, Caller.Of(request.HttpContext).Actor);
            return Jobs.Accepted.Of(await jobs.Submit(job, request.Body, cancel));
        }
        catch (JobRefusedException e)
        {
            return Problems.Of(Problems.JobRefused, e.Message);
        }
    }

    private static LoadBarsAnswer AnswerOf(IngestCounts counts) =>
        new(counts.Read, counts.Written, counts.Corrected, counts.Unchanged, counts.Quarantined, counts.NotKept);

    private sealed class Stored : IProgress<IngestProgress>
    {
        public IngestCounts Counts { get; private set; }

        public void Report(IngestProgress value) => Counts = value.Counts;
    }
}

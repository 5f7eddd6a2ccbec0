using System.Text.Json;
using System.Text.Json.Serialization;
using Bifrost.Domain;
using Bifrost.Jobs;
using Bifrost.MarketData.Bars;
using Bifrost.MarketData.Files;
using Bifrost.MarketData.Ingestion;

namespace Bifrost.Workers.Jobs;

/// <summary>What a file of bars does not say of itself; see <see cref="BarFileOptions"/>.</summary>
public sealed record IngestArguments
{
    /// <summary>min, hour or day.</summary>
    [JsonPropertyName("interval")]
    public required string Interval { get; init; }

    [JsonPropertyName("symbol")]
    public string? Symbol { get; init; }

    [JsonPropertyName("timeZone")]
    public string? TimeZone { get; init; }

    /// <summary>start or end: what a time says of its bar.</summary>
    [JsonPropertyName("labels")]
    public string? Labels { get; init; }

    [JsonPropertyName("barMinutes")]
    public int? BarMinutes { get; init; }

    [JsonPropertyName("source")]
    public string? Source { get; init; }
}

/// <summary>Loads a file of bars that was sent with the job.</summary>
/// <remarks>
/// A later attempt goes on behind the last batch that was stored. Should that batch not have been noted, it is stored
/// again, which changes nothing.
/// </remarks>
public sealed class IngestJob(BarIngestion ingestion, LoadLimits limits) : IJobKind
{
    public const string Kind = "ingest";

    private sealed record Given(BarFileOptions Options, string Source);

    public string Name => Kind;

    public string Description =>
        "Loads the bars that were sent with it. interval: min, hour or day; symbol, timeZone, labels, barMinutes and "
        + "source as for POST /api/market-data/bars.";

    public bool TakesContent => true;

    public string? ProblemWith(JsonElement arguments) => Read(arguments).Problem;

    public async Task<JsonElement?> Run(JobContext job, CancellationToken cancel)
    {
        var given = Read(job.Arguments).Given!;
        var options = given.Options with { Limits = limits };
        var before = job.Checkpoint is { } kept ? kept.Deserialize<Loaded>() : default;
        var batches = before.Batches;
        var counts = before.Counts;
        await using var content = job.OpenContent();
        try
        {
            await foreach (var batch in BarFile.Read(content, options, cancel).Skip(batches))
            {
                counts += await ingestion.Write(
                    batch, options.Interval, new BarOrigin(given.Source, OnPurpose: true), cancel);
                batches++;
                job.Report("loading bars", counts.Read);
                await job.Save(JsonSerializer.SerializeToElement(new Loaded(batches, counts)), cancel);
            }
        }
        catch (UnreadableBarsException e)
        {
            throw new JobFailedException($"{e.Message} Rows stored before that stay: {counts.Written}.", e);
        }
        return JsonSerializer.SerializeToElement(counts, JsonSerializerOptions.Web);
    }

    private static (Given? Given, string? Problem) Read(JsonElement arguments)
    {
        var given = new JobArguments(arguments);
        var (word, labels) = (given.Text("interval"), given.Text("labels"));
        if (!Enum.TryParse<BarInterval>(word, ignoreCase: true, out var interval) || int.TryParse(word, out _))
            given.Add("interval is required: min, hour or day");
        if (labels is not (null or "start" or "end"))
            given.Add("labels is start or end");
        var minutes = given.Id("barMinutes");
        if (minutes is > 1440)
            given.Add("barMinutes is at most 1440");
        var symbol = given.Text("symbol");
        if (symbol is not null && Symbols.Canonical(symbol) is null)
            given.Add("symbol is no symbol");
        var options = new BarFileOptions
        {
            Interval = interval,
            Symbol = symbol is null ? null : Symbols.Canonical(symbol),
            TimeZone = given.Text("timeZone"),
            LabelsAtEnd = labels == "end",
            BarLength = minutes is { } length ? TimeSpan.FromMinutes(length) : null,
        };
        var source = given.Text("source") ?? "job";
        return given.Problem is { } problem ? (null, problem) : (new Given(options, source), null);
    }

    private readonly record struct Loaded(int Batches, IngestCounts Counts);
}

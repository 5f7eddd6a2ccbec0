using System.Text.Json;
using Bifrost.Jobs;
using Bifrost.MarketData.Files;
using Bifrost.MarketData.Ingestion;

namespace Bifrost.Workers.Jobs;

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
        "Loads the bars that were sent with it. interval: min, hour or day; symbol, timeZone, labels, barMinutes, "
        + "dateOrder, columns and source as for POST /api/market-data/bars.";

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
            var told = e.Lacking is { } setting ? $" ({BarFileWords.NameOf(setting)} of the job's arguments)" : "";
            throw new JobFailedException($"{e.Message}{told} Rows stored before that stay: {counts.Written}.", e);
        }
        return JsonSerializer.SerializeToElement(counts, JsonSerializerOptions.Web);
    }

    private static (Given? Given, string? Problem) Read(JsonElement arguments)
    {
        var given = new JobArguments(arguments);
        var words = new BarFileWords
        {
            Interval = given.Text("interval"),
            Symbol = given.Text("symbol"),
            TimeZone = given.Text("timeZone"),
            Labels = given.Text("labels"),
            BarMinutes = given.Id("barMinutes"),
            DateOrder = given.Text("dateOrder"),
            Columns = given.Text("columns"),
        };
        var options = words.ToOptions((name, fault) => given.Add($"{name} {fault}"));
        var source = given.Text("source") ?? "job";
        return given.Problem is { } problem ? (null, problem) : (new Given(options, source), null);
    }

    private readonly record struct Loaded(int Batches, IngestCounts Counts);
}

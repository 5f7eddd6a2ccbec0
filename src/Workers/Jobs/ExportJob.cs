using System.Globalization;
using System.Text.Json;
using Bifrost.Audit.Anchors;
using Bifrost.Audit.Exporting;
using Bifrost.Jobs;
using Npgsql;

namespace Bifrost.Workers.Jobs;

/// <summary>Writes the history as of one moment into the job's content. Begun again it is of a later moment.</summary>
public sealed class ExportJob(NpgsqlDataSource database, AnchorArchive archive) : IJobKind
{
    public string Name => "export";

    public string Description =>
        $"Writes the history, to be fetched as the job's content. format: {string.Join(", ", ExportFormat.Names)}; "
        + "portfolioId: only this portfolio; from, to: dates or times with an offset.";

    public string? ProblemWith(JsonElement arguments) => Read(arguments).Problem;

    public async Task<JsonElement?> Run(JobContext job, CancellationToken cancel)
    {
        var (format, scope, _) = Read(job.Arguments);
        if (!await scope.IsThere(database, cancel))
            throw new JobFailedException($"There is no portfolio {scope.PortfolioId}.");
        await using (var content = job.CreateContent())
        {
            await format!.Export(
                database,
                archive.IsKept ? await archive.Folder(cancel) : null,
                scope,
                content,
                (done, total) => job.Report("exporting events", done, total),
                cancel);
        }
        return JsonSerializer.SerializeToElement(
            new { fileName = format.FileName(scope), mediaType = format.MediaType }, JsonSerializerOptions.Web);
    }

    private static (ExportFormat? Format, ExportScope Scope, string? Problem) Read(JsonElement arguments)
    {
        var given = new JobArguments(arguments);
        var format = ExportFormat.Of(given.Text("format"));
        if (format is null)
            given.Add($"format is one of {string.Join(", ", ExportFormat.Names)}");
        var scope = new ExportScope
        {
            PortfolioId = given.Id("portfolioId"), From = Time(given, "from"), To = Time(given, "to"),
        };
        return (format, scope, given.Problem);
    }

    private static DateTime? Time(JobArguments given, string name)
    {
        if (given.Text(name) is not { } text)
            return null;
        if (DateTimeOffset.TryParseExact(
            text,
            ["yyyy-MM-dd", "yyyy-MM-ddTHH:mm:ssK", "yyyy-MM-ddTHH:mm:ss.FFFFFFK"],
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal,
            out var time))
        {
            return time.UtcDateTime;
        }
        given.Add($"{name} is a date, or a time such as 2024-03-08T14:30:00Z");
        return null;
    }
}

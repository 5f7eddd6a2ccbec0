using System.Text.Json;
using Bifrost.Audit;
using Bifrost.Audit.Anchors;
using Bifrost.Audit.Chains;
using Bifrost.Audit.Keys;
using Bifrost.Jobs;
using Npgsql;

namespace Bifrost.Workers.Jobs;

/// <summary>Computes every hash of the log again. Nothing is written, so it may be begun again at any time.</summary>
public sealed class AuditJob(NpgsqlDataSource database, AnchorArchive archive) : IJobKind
{
    public string Name => "audit";

    public string Description =>
        "Computes every hash of the log again and checks it against the anchors that the node keeps, if any. "
        + "Fails where something is wrong.";

    public string? ProblemWith(JsonElement arguments) => new JobArguments(arguments).Problem;

    public async Task<JsonElement?> Run(JobContext job, CancellationToken cancel)
    {
        var folder = archive.IsKept ? await archive.Folder(cancel) : null;
        var own = folder is null ? null : Own(folder);
        var report = await new AuditVerification(own?.Anchors ?? []).Verify(
            database, Directory.Exists(folder?.Tree) ? folder.Tree : null, new Told(job), cancel);
        return report.Faults == 0
            ? JsonSerializer.SerializeToElement(report with { Spans = own?.Keys ?? [] }, JsonSerializerOptions.Web)
            : throw new JobFailedException(
                $"{report.Faults} faults, the first of them: {report.Findings[0]} ./bifrost audit verify shows all.");
    }

    private static TrustedAnchors? Own(AuditFolder folder)
    {
        try
        {
            return new AnchorTrust().ReadOwn(folder);
        }
        catch (AuditException e)
        {
            throw new JobFailedException(e.Message);
        }
    }

    private sealed class Told(JobContext job) : IProgress<long>
    {
        public void Report(long value) => job.Report("verifying events", value);
    }
}

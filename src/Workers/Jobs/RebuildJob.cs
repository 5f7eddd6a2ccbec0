using System.Text.Json;
using Bifrost.Grains;
using Bifrost.Jobs;
using Bifrost.Replay.Rebuilding;

namespace Bifrost.Workers.Jobs;

/// <summary>Makes the projected tables anew. Begun again it leaves alone what is right already.</summary>
/// <param name="database">An Npgsql connection string of the database's owner.</param>
public sealed class RebuildJob(string database) : IJobKind
{
    public string Name => "rebuild";

    public string Description =>
        "Makes the tables anew from the events and puts right what differs. portfolioId: only this portfolio.";

    public string? ProblemWith(JsonElement arguments)
    {
        var given = new JobArguments(arguments);
        given.Id("portfolioId");
        return given.Problem;
    }

    public async Task<JsonElement?> Run(JobContext job, CancellationToken cancel)
    {
        await using var rebuilds = LedgerConnections.Rebuilds(database);
        var rebuilt = await new Rebuild(rebuilds).Run(
            new JobArguments(job.Arguments).Id("portfolioId"),
            told => job.Report(Named(told.Stage), told.Done, told.Total),
            cancel);
        var result = JsonSerializer.SerializeToElement(rebuilt, JsonSerializerOptions.Web);
        return rebuilt.Stopped is [var first, ..]
            ? throw new JobFailedException(
                $"{rebuilt.Stopped.Count} portfolios were left as they are, the first of them {first.PortfolioId}: "
                + $"{first.Reason} ./bifrost replay repair shows what can be done.")
            : result;
    }

    private static string Named(RebuildStage stage) => stage switch
    {
        RebuildStage.Folding => "folding events",
        RebuildStage.Comparing => "comparing tables",
        RebuildStage.Swapping => "putting portfolios right",
        _ => throw new ArgumentOutOfRangeException(nameof(stage), stage, "Not a stage."),
    };
}

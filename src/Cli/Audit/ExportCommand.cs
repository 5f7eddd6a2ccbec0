using System.CommandLine;
using Bifrost.Api.Audit;
using Bifrost.Api.Http;
using Bifrost.Audit.Anchors;
using Bifrost.Audit.Exporting;
using Bifrost.Grains;
using Npgsql;

namespace Bifrost.Cli.Audit;

/// <summary>Writes the history to a file or to standard output.</summary>
internal static class ExportCommand
{
    public static Command Create()
    {
        var format = new Option<string>("--format")
        {
            Description = $"{string.Join(" or ", ExportFormat.Names)}.", Required = true,
        };
        format.AcceptOnlyFromAmong([.. ExportFormat.Names]);
        var portfolio = new Option<int?>("--portfolio") { Description = "Only this portfolio." };
        var from = new Option<string?>("--from") { Description = "What was recorded then or later: 2024-03-08." };
        var to = new Option<string?>("--to") { Description = "What was recorded before then: 2024-03-08T14:30:00Z." };
        var output = new Option<FileInfo?>("--out")
        {
            Description = "The file to write, which is there when it is whole; standard output without it.",
        };
        var command = new Command("export", "Writes the history, as of one moment; commands may go on meanwhile.")
        {
            format, portfolio, from, to, output,
        };
        command.Checks(result =>
        {
            var check = new Check(TimeProvider.System);
            ExportRequest.Read(
                check, result.GetValue(format) ?? ExportFormat.Names.First(), result.GetValue(portfolio),
                result.GetValue(from), result.GetValue(to));
            if (check.Failed)
                result.AddError(check.Problem.ProblemDetails.Detail!);
        });
        command.Does((parsed, cancel) =>
        {
            var (known, scope) = ExportRequest.Read(
                new Check(TimeProvider.System), parsed.GetValue(format), parsed.GetValue(portfolio),
                parsed.GetValue(from), parsed.GetValue(to));
            return Export(known!, scope, parsed.GetValue(output), cancel);
        });
        return command;
    }

    private static async Task<int> Export(
        ExportFormat format, ExportScope scope, FileInfo? output, CancellationToken cancel)
    {
        await using var database = LedgerConnections.Readers(Settings.Database);
        if (!await scope.IsThere(database, cancel))
            throw new OperatorException($"There is no portfolio {scope.PortfolioId}.");
        if (output is null)
        {
            await using var stdout = Console.OpenStandardOutput();
            await Write(database, format, scope, stdout, cancel);
            return 0;
        }
        try
        {
            await WriteFile(database, format, scope, output, cancel);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new OperatorException($"{output.FullName} cannot be written: {e.Message}");
        }
        return 0;
    }

    // Under its name only when it is whole, and over one that was there before in one step.
    private static async Task WriteFile(
        NpgsqlDataSource database, ExportFormat format, ExportScope scope, FileInfo output, CancellationToken cancel)
    {
        var part = $"{output.FullName}.{Environment.ProcessId}.part";
        try
        {
            await using (var file = PrivateFile.Create(part))
            {
                await Write(database, format, scope, file, cancel);
                file.Flush(flushToDisk: true);
            }
            File.Move(part, output.FullName, overwrite: true);
        }
        finally
        {
            File.Delete(part);
        }
    }

    private static Task<bool> Write(
        NpgsqlDataSource database, ExportFormat format, ExportScope scope, Stream stream, CancellationToken cancel) =>
        StageProgress.Show(async tell =>
        {
            var kept = await AuditFolder.Of(database, Settings.Audit.Root!, Settings.Audit.Key, cancel);
            await format.Export(
                database, kept, scope, stream, (done, all) => tell("exporting events", done, all), cancel);
            return true;
        });
}

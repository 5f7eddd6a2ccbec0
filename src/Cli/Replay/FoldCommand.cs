using System.CommandLine;
using Bifrost.Grains;
using Bifrost.Replay.Diffing;
using Npgsql;

namespace Bifrost.Cli.Replay;

/// <summary>Writes what this build folds the log to; <c>replay diff</c> asks it of another build.</summary>
internal static class FoldCommand
{
    public static Command Create()
    {
        var output = new Option<FileInfo?>("--out") { Description = "The file to write; standard output without it." };
        var sequence = new Option<long?>("--sequence") { Description = "Through this event; all without it." };
        var command = new Command(
            "fold",
            "Writes the rows that this build folds the log to, as JSON Lines: one line for each row, portfolio by "
            + "portfolio. It is what ./bifrost replay diff compares.")
        {
            output, sequence,
        };
        command.Does((parsed, cancel) => Fold(parsed.GetValue(output), parsed.GetValue(sequence), cancel));
        return command;
    }

    private static async Task<int> Fold(FileInfo? output, long? sequence, CancellationToken cancel)
    {
        await using var database = LedgerConnections.Readers(Settings.Database);
        await Write(database, output?.FullName, sequence ?? long.MaxValue, cancel);
        return 0;
    }

    public static async Task Write(NpgsqlDataSource database, string? file, long through, CancellationToken cancel)
    {
        await using var stream = new BufferedStream(
            file is null ? Console.OpenStandardOutput() : PrivateFile.Create(file), 1024 * 1024);
        await new FoldedRows(database).Write(stream, through, cancel);
    }
}

using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Bifrost.Grains;
using Bifrost.Replay.Diffing;
using Npgsql;
using Spectre.Console;

namespace Bifrost.Cli.Replay;

/// <summary>Compares what this build and another one fold the same log to, before a release.</summary>
internal static class DiffCommand
{
    private const int MostShown = 50;

    public static Command Create()
    {
        var against = new Option<string>("--against")
        {
            Description = "A revision of this repository, or a folder with a build or with a checkout that was built.",
            Required = true,
        };
        var command = new Command(
            "diff",
            "Folds the log with this build and with another one, and prints which portfolios differ and by how much. "
            + "Nothing is written. Exits with 1 where anything differs.\n\n"
            + "  ./bifrost replay diff --against v1.4         a revision: it is checked out aside and built\n"
            + "  ./bifrost replay diff --against ../released  a folder with a build")
        {
            against,
        };
        command.Does((parsed, cancel) => Diff(parsed.GetValue(against)!, cancel));
        return command;
    }

    private static async Task<int> Diff(string against, CancellationToken cancel)
    {
        var folder = Directory.CreateTempSubdirectory("bifrost-diff-").FullName;
        try
        {
            await using var database = LedgerConnections.Readers(Settings.Database);
            // Both fold through the same event, whatever is committed meanwhile.
            var through = (await LastSequence(database, cancel)).ToString(CultureInfo.InvariantCulture);
            var (theirs, ours) = (Path.Combine(folder, "theirs"), Path.Combine(folder, "ours"));
            using var other = await OtherBuild.Find(against, folder, cancel);
            await Processes.Run(
                "dotnet", [other.Program, "replay", "fold", "--sequence", through, "--out", theirs], null, cancel);
            await FoldCommand.Write(database, ours, long.Parse(through, CultureInfo.InvariantCulture), cancel);
            return Show(theirs, ours);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<long> LastSequence(NpgsqlDataSource database, CancellationToken cancel)
    {
        await using var command = database.CreateCommand("SELECT coalesce(max(seq_id), 0) FROM events.mt_events");
        return (long)(await command.ExecuteScalarAsync(cancel))!;
    }

    private static int Show(string theirs, string ours)
    {
        using var their = File.OpenText(theirs);
        using var our = File.OpenText(ours);
        var table = new Spectre.Console.Table()
            .AddColumns("portfolio", "table", "key", "column", "theirs", "ours", "by");
        var (count, portfolios, amount) = (0, new HashSet<int>(), 0m);
        foreach (var d in FoldDifferences.Between(their, our))
        {
            portfolios.Add(d.PortfolioId);
            amount += Math.Abs(d.Amount ?? 0);
            if (count++ < MostShown)
            {
                table.AddRow(new[]
                {
                    $"{d.PortfolioId}", d.Table, $"{d.Key}", d.Column, d.Theirs ?? "nothing", d.Ours ?? "nothing",
                    d.Amount?.ToString(CultureInfo.InvariantCulture) ?? "",
                }.Select(Markup.Escape).ToArray());
            }
        }
        if (count > 0)
            AnsiConsole.Write(table);
        if (count > MostShown)
            Console.WriteLine($"… and {count - MostShown} more");
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{count} values differ in {portfolios.Count} portfolios, by {amount} in all"));
        return count == 0 ? 0 : 1;
    }

    /// <summary>Another build of the program; one that was made for the comparison goes with it.</summary>
    private sealed class OtherBuild(string program, string? worktree) : IDisposable
    {
        private const string Built = "src/Cli/bin/Release/net10.0/bifrost.dll";

        public string Program => program;

        public static async Task<OtherBuild> Find(string against, string folder, CancellationToken cancel)
        {
            if (Directory.Exists(against))
            {
                var found = new[] { "bifrost.dll", Built }.Select(file => Path.GetFullPath(Path.Combine(against, file)))
                    .FirstOrDefault(File.Exists);
                return new OtherBuild(
                    found ?? throw new OperatorException(
                        $"There is no bifrost.dll in {against}, nor {Built}: build it first."),
                    null);
            }
            var checkout = Path.Combine(folder, "checkout");
            await Processes.Run("git", ["worktree", "add", "--quiet", "--detach", checkout, against], Source, cancel);
            var other = new OtherBuild(Path.Combine(checkout, Built), checkout);
            await Console.Error.WriteLineAsync($"building {against} …");
            try
            {
                await Processes.Run(
                    "dotnet",
                    ["build", "src/Cli", "--configuration", "Release", "--verbosity", "quiet"],
                    checkout,
                    cancel);
            }
            catch
            {
                other.Dispose();
                throw;
            }
            return other;
        }

        public void Dispose()
        {
            if (worktree is null)
                return;
            using var remove = Process.Start(new ProcessStartInfo(
                "git", ["-C", Source, "worktree", "remove", "--force", worktree]));
            remove!.WaitForExit();
        }

        private static string Source => Environment.GetEnvironmentVariable("BIFROST_ROOT") is { Length: > 0 } root
            ? root
            : throw new OperatorException("To build a revision, start through ./bifrost, which knows the repository.");
    }
}

using System.Globalization;
using Spectre.Console;

namespace Bifrost.Bench;

/// <summary>A table of results with notes below, printed and, if asked for, saved as Markdown.</summary>
internal sealed class PlainReport(string title, string command, params string[] headings)
{
    private readonly List<string[]> rows = [];

    public List<string> Notes { get; } = [];

    public void Add(params string[] cells) => rows.Add(cells);

    public void Print()
    {
        // Where the output is no terminal its width is unknown, and the table must not be broken.
        if (Console.IsOutputRedirected)
            AnsiConsole.Profile.Width = 140;
        var table = new Table().Border(TableBorder.Simple);
        for (var i = 0; i < headings.Length; i++)
            table.AddColumn(new TableColumn(headings[i]) { Alignment = i == 0 ? Justify.Left : Justify.Right });
        foreach (var row in rows)
            table.AddRow(row.Select(Markup.Escape).ToArray());
        AnsiConsole.Write(table);
        foreach (var note in Notes)
            Console.WriteLine(note);
    }

    /// <param name="name">Of the file in bench/baselines.</param>
    public async Task Save(string name, CancellationToken cancel)
    {
        var path = Path.GetFullPath($"../../../baselines/{name}.md", AppContext.BaseDirectory);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        string[] lines =
        [
            $"# {title}",
            "",
            $"Written by `{command}`. The ratio counts, not the machine.",
            "",
            Row(headings),
            Row(headings.Select((_, i) => i == 0 ? "---" : "---:")),
            .. rows.Select(Row),
            "",
            .. Notes.Select(note => $"- {note}"),
        ];
        await File.WriteAllLinesAsync(path, lines, cancel);
    }

    public static string Number(double value) => value.ToString("N0", CultureInfo.InvariantCulture);

    public static string Decimals(double value) => value.ToString("0.00", CultureInfo.InvariantCulture);

    private static string Row(IEnumerable<string> cells) => $"| {string.Join(" | ", cells)} |";
}

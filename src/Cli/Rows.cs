using Spectre.Console;

namespace Bifrost.Cli;

/// <summary>A list: a table for people, and lines with tabs for programs.</summary>
internal static class Rows
{
    public static void Show(string[] columns, IEnumerable<string[]> rows)
    {
        if (Console.IsOutputRedirected)
        {
            foreach (var row in rows)
                Console.WriteLine(string.Join('\t', row));
            return;
        }
        var table = new Table().AddColumns(columns);
        foreach (var row in rows)
            table.AddRow([.. row.Select(Markup.Escape)]);
        AnsiConsole.Write(table);
    }
}

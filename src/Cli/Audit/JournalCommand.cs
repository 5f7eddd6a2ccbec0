using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Bifrost.Api.Audit;
using Bifrost.Audit.Books;
using Bifrost.Grains;
using Bifrost.Replay.TimeTravel;

namespace Bifrost.Cli.Audit;

/// <summary>Shows what each event of a portfolio moved, and that it sums to zero.</summary>
internal static class JournalCommand
{
    private const int EntriesAtATime = 1000;

    public static Command Create()
    {
        var options = new BooksOptions();
        var command = new Command(
            "journal",
            "Shows the postings of each event of a portfolio that moved value; --json writes one entry a line. Exits "
            + "with 1 where an entry does not sum to zero in a commodity.");
        options.AddTo(command);
        command.Does((parsed, cancel) =>
        {
            var (id, moment, asJson) = options.Read(parsed);
            return Show(id, moment, asJson, cancel);
        });
        return command;
    }

    private static async Task<int> Show(int portfolioId, Moment moment, bool asJson, CancellationToken cancel)
    {
        await using var database = LedgerConnections.Readers(Settings.Database);
        var (books, count, wrong) = (new PortfolioBooks(database), 0, 0);
        for (long? after = 0; after is not null;)
        {
            var page = await books.ReadJournal(portfolioId, moment, after.Value, EntriesAtATime, cancel)
                ?? throw BooksOptions.NotFound(portfolioId);
            foreach (var entry in page.Entries)
            {
                Console.WriteLine(asJson
                    ? JsonSerializer.Serialize(JournalEntryView.Of(entry), BooksOptions.Lines.JournalEntryView)
                    : Text(entry));
                wrong += entry.Totals.All(total => total.Value == 0) ? 0 : 1;
            }
            (count, after) = (count + page.Entries.Count, page.Next);
        }
        if (!asJson)
            Console.WriteLine($"{count} entries, {wrong} that do not sum to zero");
        return wrong == 0 ? 0 : 1;
    }

    private static string Text(JournalEntry entry)
    {
        var at = entry.OccurredAt.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
        var rows = entry.Postings.Select(p => BooksOptions.Row(p.Account, p.Commodity, p.Amount));
        var sums = entry.Totals.Select(total => BooksOptions.Row("sum", total.Key, total.Value));
        return string.Join('\n', [$"{entry.Sequence} {entry.Type} {at}", .. rows, .. sums]);
    }
}

using System.CommandLine;
using System.Text.Json;
using Bifrost.Api.Audit;
using Bifrost.Audit.Books;
using Bifrost.Grains;
using Bifrost.Replay.TimeTravel;

namespace Bifrost.Cli.Audit;

/// <summary>Shows what the accounts of a portfolio come to, and that each commodity comes to zero.</summary>
internal static class TrialBalanceCommand
{
    public static Command Create()
    {
        var options = new BooksOptions();
        var command = new Command(
            "trial-balance",
            "Sums the postings of a portfolio's events, all or until a moment. Exits with 1 where a commodity does not "
            + "sum to zero.");
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
        var balance = await new PortfolioBooks(database).ReadTrialBalance(portfolioId, moment, cancel)
            ?? throw BooksOptions.NotFound(portfolioId);
        if (asJson)
        {
            var view = TrialBalanceView.Of(balance);
            Console.WriteLine(JsonSerializer.Serialize(view, BooksOptions.Lines.TrialBalanceView));
        }
        else
        {
            Print(balance);
        }
        return balance.Totals.All(total => total.Value == 0) ? 0 : 1;
    }

    private static void Print(TrialBalance balance)
    {
        Console.WriteLine($"portfolio {balance.PortfolioId}, through event {balance.Sequence}");
        foreach (var (account, commodity, amount) in balance.Accounts)
            Console.WriteLine(BooksOptions.Row(account, commodity, amount));
        foreach (var (commodity, total) in balance.Totals)
            Console.WriteLine(BooksOptions.Row("sum", commodity, total));
    }
}

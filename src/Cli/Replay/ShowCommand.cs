using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.Json;
using Bifrost.Api.Funding;
using Bifrost.Api.Holdings;
using Bifrost.Api.Http;
using Bifrost.Api.Portfolios;
using Bifrost.Domain;
using Bifrost.Grains;
using Bifrost.Projections.CashBalances;
using Bifrost.Replay.TimeTravel;
using Spectre.Console;

namespace Bifrost.Cli.Replay;

/// <summary>Shows portfolios as they were, or as they would be.</summary>
internal static class ShowCommand
{
    private const string About =
        """
        Shows cash, holdings, lots and profits of a portfolio as they are, as they were, or as they would be. Nothing is
        written.

          ./bifrost replay show --portfolio 7 --as-of 2024-03-08T14:30:00Z      what was recorded until then
          ./bifrost replay show --portfolio 7 --effective 2024-03-01T00:00:00Z  what had occurred until then
          ./bifrost replay show --portfolio 7 --lot-method HIFO                 with lots matched by another method
          ./bifrost replay show --portfolio 7 --without 4711                    had that event never been
          ./bifrost replay show --until 4711                                    had nothing been recorded after it

        The last three print the difference to what is recorded, for all portfolios where none is named.
        """;

    public static System.CommandLine.Command Create()
    {
        var portfolio = new Option<int?>("--portfolio") { Description = "The portfolio." };
        var asOf = new Option<string?>("--as-of") { Description = "What was recorded until this time." };
        var sequence = new Option<string?>("--sequence") { Description = "What was recorded through this sequence." };
        var effective = new Option<string?>("--effective") { Description = "What had occurred until this time." };
        var method = new Option<LotMethod?>("--lot-method") { Description = "Match all fills by this method." };
        var without = new Option<long[]>("--without")
        {
            Description = "Leave this event out; may be given more than once.", DefaultValueFactory = _ => [],
        };
        var until = new Option<string?>("--until")
        {
            Description = "Leave out what was recorded after this sequence or time.",
        };
        var json = new Option<bool>("--json") { Description = "As JSON." };
        var command = new System.CommandLine.Command("show", About)
        {
            portfolio, asOf, sequence, effective, method, without, until, json,
        };
        command.Checks(result =>
        {
            var isSupposed = result.GetValue(method) is not null || result.GetValue(without) is { Length: > 0 }
                || result.GetValue(until) is not null;
            if (!isSupposed && result.GetValue(portfolio) is null)
                result.AddError("Which portfolio? Add --portfolio N.");
            foreach (var query in new[] { Asked(result), UntilQuery(result.GetValue(until)) })
            {
                var check = new Check(TimeProvider.System);
                query.Read(check);
                if (check.Failed)
                    result.AddError(check.Problem.ProblemDetails.Detail!);
            }
        });
        command.Does((parsed, cancel) =>
        {
            var moment = Asked(parsed.CommandResult).Read(new Check(TimeProvider.System));
            var supposition = new Supposition
            {
                LotMethod = parsed.GetValue(method),
                Without = parsed.GetValue(without)!.ToHashSet(),
                Until = UntilQuery(parsed.GetValue(until)).Read(new Check(TimeProvider.System)),
            };
            var isSupposed = supposition.LotMethod is not null || supposition.Without.Count > 0
                || parsed.GetValue(until) is not null;
            return isSupposed
                ? WhatIfView.Show(parsed.GetValue(portfolio), moment, supposition, parsed.GetValue(json), cancel)
                : Show(
                    parsed.GetValue(portfolio)!.Value, moment, parsed.GetValue(json), cancel);
        });
        return command;

        PastQuery Asked(CommandResult result) => new()
        {
            AsOf = result.GetValue(asOf), Sequence = result.GetValue(sequence), Effective = result.GetValue(effective),
        };
    }

    private static string Plain(decimal number) => WhatIfView.Plain(number);

    // A sequence is digits alone, and a time never is.
    private static PastQuery UntilQuery(string? text) =>
        text?.All(char.IsAsciiDigit) == true ? new PastQuery { Sequence = text } : new PastQuery { AsOf = text };

    private static async Task<int> Show(int portfolioId, Moment moment, bool asJson, CancellationToken cancel)
    {
        await using var database = LedgerConnections.Readers(Settings.Database);
        var past = await new Travel(database).Read(portfolioId, moment, cancel)
            ?? throw new OperatorException($"Nothing was known of a portfolio {portfolioId} then.");
        var valued = await new PastMarks(database).Value(past, moment, cancel);
        var portfolio = PortfolioView.Of(valued, isEffective: moment.Effective is not null);
        var holdings = valued.Holdings
            .Select(row => HoldingView.Of(row, withLots: true, valued.Rates.GetValueOrDefault)).ToList();
        var cash = CashBalanceRow.All(past.State).Select(CashBalanceView.Of).ToList();
        if (asJson)
            Console.WriteLine(JsonSerializer.Serialize(new { portfolio, cash, holdings }, WhatIfView.Json));
        else
            Print(portfolio, cash, holdings);
        return 0;
    }

    private static string Known(decimal? number) => number is { } known ? Plain(known) : "unknown (a rate is missing)";

    private static void Print(PortfolioView p, IEnumerable<CashBalanceView> cash, List<HoldingView> holdings)
    {
        Console.WriteLine($"portfolio {p.PortfolioId} '{p.Name}', version {p.Version}, through event {p.Sequence}");
        var reserved = p.ReservedCash is { } held ? $", reserved {Plain(held)}" : "";
        Console.WriteLine(
            $"cash {Plain(p.CashBalance)} {p.Currency}{reserved}, value {Known(p.CurrentValue)}, "
            + $"realized P&L {Known(p.RealizedPnl)}, unrealized P&L {Known(p.UnrealizedPnl)}");
        foreach (var other in cash.Where(one => one.Currency != p.Currency))
            Console.WriteLine($"cash {Plain(other.Balance)} {other.Currency}, reserved {Plain(other.Reserved ?? 0)}");
        var table = new Spectre.Console.Table()
            .AddColumns("symbol", "lot", "opened", "quantity", "cost basis", "price", "value", "realized");
        foreach (var h in holdings)
        {
            var name = h.Currency is { } currency ? $"{h.Symbol} ({currency})" : h.Symbol;
            Add(table, name, "", "", Plain(h.Quantity), Plain(h.CostBasis), Plain(h.CurrentPrice),
                Plain(h.MarketValue), Plain(h.RealizedPnl));
            foreach (var lot in h.Lots!)
            {
                Add(table, "", $"{lot.LotId}", $"{lot.OpenedAt:u}", Plain(lot.Quantity), Plain(lot.CostBasis), "", "",
                    "");
            }
        }
        if (holdings.Count > 0)
            AnsiConsole.Write(table);
    }

    private static void Add(Spectre.Console.Table table, params string[] cells) =>
        table.AddRow(cells.Select(Markup.Escape).ToArray());
}

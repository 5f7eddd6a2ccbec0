using System.CommandLine;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Bifrost.Api.Audit;
using Bifrost.Api.Http;
using Bifrost.Grains;
using Bifrost.Replay.Explaining;
using Spectre.Console;

namespace Bifrost.Cli.Replay;

/// <summary>Shows which events a number is the sum of.</summary>
internal static class ExplainCommand
{
    private const string Restated = "holding_restated";

    private static readonly ApiJson Indented = new(new JsonSerializerOptions(ApiJson.Default.Options)
    {
        WriteIndented = true,
        // Times with an offset have a plus, which need not be escaped outside of HTML.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    public static Command Create()
    {
        var portfolio = new Option<int>("--portfolio") { Description = "The portfolio.", Required = true };
        var field = new Option<string>("--field")
        {
            Description = $"What to explain: {string.Join(", ", ExplainRoute.Words)}.", Required = true,
        };
        field.AcceptOnlyFromAmong([.. ExplainRoute.Words]);
        var symbol = new Option<string?>("--symbol") { Description = "The holding; needed for quantity, marketValue." };
        var currency = new Option<string?>("--currency")
        {
            Description = "Whose cash or cost, where the portfolio has several.",
        };
        var sequence = new Option<string?>("--sequence") { Description = "As it was after this event of the log." };
        var asOf = new Option<string?>("--as-of") { Description = "As it was known then: 2024-03-08T14:30:00Z." };
        var json = new Option<bool>("--json") { Description = "As JSON, as the API answers it." };
        var command = new Command(
            "explain", "Lists the events that add up to a number: cash, quantity, cost basis, realized P&L.")
        {
            portfolio, field, symbol, currency, sequence, asOf, json,
        };
        command.Checks(result =>
        {
            var check = new Check(TimeProvider.System);
            ExplainRoute.Read(check, result.GetValue(portfolio), result.GetValue(field), result.GetValue(symbol),
                result.GetValue(currency), result.GetValue(sequence), result.GetValue(asOf));
            if (check.Failed)
                result.AddError(check.Problem.ProblemDetails.Detail!);
        });
        command.Does((parsed, cancel) => Explain(
            ExplainRoute.Read(new Check(TimeProvider.System), parsed.GetValue(portfolio), parsed.GetValue(field),
                parsed.GetValue(symbol), parsed.GetValue(currency), parsed.GetValue(sequence), parsed.GetValue(asOf)),
            parsed.GetValue(json),
            cancel));
        return command;
    }

    private static async Task<int> Explain(Question question, bool json, CancellationToken cancel)
    {
        await using var database = LedgerConnections.Readers(Settings.Database);
        var explanation = await new Explainer(database).Explain(question, cancel) switch
        {
            Explained.Found found => found.Explanation,
            Explained.NoHolding => throw new OperatorException(
                $"Portfolio {question.PortfolioId} has no holding of {question.Symbol}, or had none then."),
            _ => throw new OperatorException($"There is no portfolio {question.PortfolioId}, or there was none then."),
        };
        if (json)
            Console.WriteLine(JsonSerializer.Serialize(ExplanationView.Of(explanation), Indented.ExplanationView));
        else if (Console.IsOutputRedirected)
            Plain(explanation);
        else
            Table(explanation);
        return 0;
    }

    // Tabs, so that cut and awk find the columns.
    private static void Plain(Explanation explanation)
    {
        foreach (var row in Rows(explanation))
            Console.WriteLine(string.Join('\t', row));
    }

    private static void Table(Explanation explanation)
    {
        var table = new Spectre.Console.Table().AddColumns("sequence", "type", "occurred", "what");
        table.AddColumn(new TableColumn(Title(explanation)).RightAligned());
        var rows = Rows(explanation).ToList();
        foreach (var row in rows[..^1])
            table.AddRow(row.Select(Markup.Escape).ToArray());
        table.AddEmptyRow();
        table.AddRow(rows[^1].Select(cell => $"[bold]{Markup.Escape(cell)}[/]").ToArray());
        AnsiConsole.Write(table);
        foreach (var lot in explanation.Lots)
            Console.WriteLine(Lot(lot));
        if (explanation.Price is { } price)
            Console.WriteLine($"price {Number(price.Price)} of {price.Source}{At(price.Time)}");
    }

    private static IEnumerable<string[]> Rows(Explanation explanation) =>
    [
        .. explanation.Contributions.Select(part => new[]
        {
            part.Sequence.ToString(CultureInfo.InvariantCulture), part.Type, Time(part.OccurredAt), What(part),
            Number(part.Amount),
        }),
        [
            explanation.Sequence.ToString(CultureInfo.InvariantCulture), "sum", "", Title(explanation),
            Number(explanation.Value),
        ],
    ];

    private static string Title(Explanation explanation) =>
        $"{ExplainRoute.Word(explanation.Field)}{(explanation.Symbol is { } symbol ? $" {symbol}" : "")}";

    private static string What(Contribution part) => part switch
    {
        { Type: Restated, Quantity: null } => $"{part.Symbol}: transaction {part.TransactionId} busted",
        { Type: Restated } => $"corrected: {Fill(part)}",
        { Quantity: not null } => Fill(part),
        _ => part.Symbol ?? "",
    };

    private static string Fill(Contribution part) =>
        $"{(part.Quantity < 0 ? "sold" : "bought")} {Number(Math.Abs(part.Quantity!.Value))} {part.Symbol} at "
        + Number(part.Price!.Value);

    private static string Lot(ExplainedLot lot) =>
        $"lot {lot.LotId}: {Number(lot.Quantity)} {lot.Symbol} at cost {Number(lot.CostBasis)}, "
        + $"opened{At(lot.OpenedAt)} by event {lot.Sequence}";

    private static string At(DateTimeOffset? time) => time is { } at ? $" {Time(at)}" : "";

    private static string Time(DateTimeOffset time) =>
        time.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);

    private static string Number(decimal value) =>
        Domain.Money.Normalize(value).ToString(CultureInfo.InvariantCulture);
}

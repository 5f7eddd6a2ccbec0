using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Bifrost.Api.Audit;
using Bifrost.Api.Http;
using Bifrost.Domain;
using Bifrost.Replay.TimeTravel;

namespace Bifrost.Cli.Audit;

/// <summary>What the commands that show a portfolio's books are told, and how they show amounts.</summary>
internal sealed class BooksOptions
{
    private readonly Option<int> portfolio = new("--portfolio") { Description = "The portfolio.", Required = true };
    private readonly Option<string?> sequence = new("--sequence") { Description = "As they were after this event." };
    private readonly Option<string?> asOf = new("--as-of")
    {
        Description = "As they were known then: 2024-03-08T14:30:00Z.",
    };

    private readonly Option<bool> json = new("--json") { Description = "As JSON, as the API answers it." };

    /// <summary>One line each, with times whose plus need not be escaped outside of HTML.</summary>
    public static ApiJson Lines { get; } = new(new JsonSerializerOptions(ApiJson.Default.Options)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    public void AddTo(System.CommandLine.Command command)
    {
        command.Options.Add(portfolio);
        command.Options.Add(sequence);
        command.Options.Add(asOf);
        command.Options.Add(json);
        command.Checks(result =>
        {
            var check = new Check(TimeProvider.System);
            Read(check, result);
            if (check.Failed)
                result.AddError(check.Problem.ProblemDetails.Detail!);
        });
    }

    public (int PortfolioId, Moment Moment, bool AsJson) Read(ParseResult parsed)
    {
        var (id, moment) = Read(new Check(TimeProvider.System), parsed.CommandResult);
        return (id, moment, parsed.GetValue(json));
    }

    public static OperatorException NotFound(int portfolioId) =>
        new($"There is no portfolio {portfolioId}, or nothing was known of it then.");

    public static string Row(string account, string commodity, decimal amount) =>
        $"  {account,-40} {Number(amount),26} {commodity}";

    public static string Number(decimal amount) => Money.Normalize(amount).ToString(CultureInfo.InvariantCulture);

    private (int PortfolioId, Moment Moment) Read(Check check, CommandResult result) => BooksQuery.Read(
        check,
        result.GetValue(portfolio),
        new PastQuery { Sequence = result.GetValue(sequence), AsOf = result.GetValue(asOf) });
}

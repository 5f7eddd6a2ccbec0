using System.CommandLine;
using System.Globalization;
using Bifrost.Api.Access;

namespace Bifrost.Cli.Keys;

/// <summary>Rights as they are said on the command line: words with commas between them, and a limit.</summary>
internal sealed class RightsOptions
{
    private const string Default = "default";
    private const string None = "none";

    public RightsOptions(string name, string more) => Words = new Option<string?>(name)
    {
        Description = $"Any of {string.Join(", ", RightWords.All)} with commas between them, or {None}; {Default} for "
            + $"what the role has by itself: a trader orders, a service executions.{more}",
    };

    public Option<string?> Words { get; }

    public Option<string?> CashPerDay { get; } = new("--cash-per-day")
    {
        Description = "With the right cash: how much they may move in a day (UTC), in and out and over all portfolios.",
    };

    public void AddTo(Command command)
    {
        command.Options.Add(Words);
        command.Options.Add(CashPerDay);
        command.Validators.Add(result =>
        {
            var (words, cash) = (result.GetValue(Words), result.GetValue(CashPerDay));
            if (words is not (null or Default or None)
                && words.Split(',').FirstOrDefault(word => RightWords.Parse(word) == Rights.None) is { } unknown)
                result.AddError($"{Words.Name} '{unknown}': {Words.Description}");
            if (cash is not null && Amount(cash) is null)
                result.AddError("--cash-per-day is an amount above zero, such as 5000 or 250.50.");
        });
    }

    /// <exception cref="OperatorException">The role cannot have what was said.</exception>
    public Grant Read(ParseResult parsed, Roles role)
    {
        var rights = parsed.GetValue(Words) switch
        {
            null or Default => Grant.Of(role).Rights,
            None => Rights.None,
            var words => words.Split(',').Aggregate(Rights.None, (all, word) => all | RightWords.Parse(word)),
        };
        var grant = new Grant(rights, parsed.GetValue(CashPerDay) is { } cash ? Amount(cash) : null);
        return grant.ProblemFor(role) is { } problem
            ? throw new OperatorException($"{problem} See {Words.Name} and --cash-per-day.")
            : grant;
    }

    private static decimal? Amount(string text) =>
        decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var amount)
        && amount is > 0 and < Domain.Money.Limit
            ? amount
            : null;
}

/// <summary>Shows and sets what the holders of keys may bring about.</summary>
internal static class RightsCommand
{
    public static Command Create()
    {
        var id = new Argument<string?>("ID")
        {
            Description = "The key's id; without one the rights of all keys in use are shown.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var undecided = new Option<bool>("--undecided")
        {
            Description = "All keys that are older than rights and have all of them until somebody decides.",
        };
        var rights = new RightsOptions("--set", "");
        var command = new Command(
            "rights",
            "Shows what the holders of keys may bring about, or changes it: orders (portfolios and orders), executions "
            + "(fills, what became of them, splits) and cash (deposits, withdrawals, dividends, interest, fees). "
            + "Servers follow within two seconds. docs/security.md has the table.")
        {
            id, undecided,
        };
        rights.AddTo(command);
        command.Validators.Add(result =>
        {
            var isAsked = result.GetValue(id) is not null || result.GetValue(undecided);
            if (result.GetValue(id) is not null && result.GetValue(undecided))
                result.AddError("Say an ID or --undecided.");
            if (isAsked != result.GetValue(rights.Words) is not null)
                result.AddError("To change rights say whose (an ID or --undecided) and which (--set).");
        });
        command.Does((parsed, cancel) => KeysCommand.WithKeys(async keys =>
        {
            var inUse = await keys.ListInUse(cancel);
            if (parsed.GetValue(rights.Words) is not null)
            {
                foreach (var key in Chosen(inUse, parsed.GetValue(id)))
                    await keys.SetRights(key, rights.Read(parsed, key.Role), cancel);
                inUse = await keys.ListInUse(cancel);
            }
            Rows.Show(
                ["id", "name", "role", "rights", "cash a day"], inUse.OrderBy(key => key.CreatedAt).Select(Cells));
            return 0;
        }, cancel));
        return command;
    }

    private static List<ApiKey> Chosen(List<ApiKey> inUse, string? id)
    {
        var chosen = inUse.FindAll(key => id is null ? key.Grant.IsUndecided : key.KeyId == id);
        return id is null || chosen.Count > 0
            ? chosen
            : throw new OperatorException($"There is no key {id} in use; ./bifrost keys list shows all.");
    }

    private static string[] Cells(ApiKey key) =>
    [
        key.KeyId, key.Name, key.Role.Word(),
        key.Grant.IsUndecided ? "all (undecided)"
            : key.Grant.Rights == Rights.None ? "none" : string.Join(',', key.Grant.Rights.Words()),
        key.Grant.CashPerDay?.ToString(CultureInfo.InvariantCulture)
            ?? (key.Grant.Rights.HasFlag(Rights.Cash) ? "unlimited" : ""),
    ];
}

using System.CommandLine;
using Bifrost.Api.Access;
using Npgsql;

namespace Bifrost.Cli.Keys;

/// <summary>The keys by which callers of the server are known.</summary>
internal static class KeysCommand
{
    public static Command Create() =>
        new("keys", "API keys: who may call the server, and as what.")
        {
            CreateKey(), Revoke(), List(), RightsCommand.Create(),
        };

    private static Command CreateKey()
    {
        var name = new Option<string>("--name")
        {
            Description = "Who the key is for; it stands as the actor on all that they do.", Required = true,
        };
        var role = new Option<string>("--role") { Description = string.Join(", ", RoleWords.All), Required = true };
        role.AcceptOnlyFromAmong([.. RoleWords.All]);
        var user = new Option<int?>("--user") { Description = "For a trader: the user whose portfolios they trade." };
        var expires = new Option<string?>("--expires")
        {
            Description = "When it ceases to be good: a date, at whose beginning (UTC) it does, or a number of days.",
        };
        var rights = new RightsOptions("--rights", " For traders and services.");
        var command = new Command("create", "Makes a key and prints it, once: only its hash is kept.")
        {
            name, role, user, expires,
        };
        rights.AddTo(command);
        command.Validators.Add(result =>
        {
            // As it was said: what is no value at all cannot be asked for.
            string? Said(Option option) => result.GetResult(option)?.Tokens is [var token, ..] ? token.Value : null;
            if (Said(name) is { } given && !ApiKeyText.IsName(given))
                result.AddError($"--name {ApiKeyText.NameRule}.");
            if (Said(role) == "trader" != Said(user) is not null)
                result.AddError("--user is for traders, and a trader needs it.");
            if (Said(user) is { } id && !(int.TryParse(id, out var number) && number > 0))
                result.AddError("--user is a whole number above zero.");
            if (Said(expires) is { } text && Expiry.Read(text, DateTimeOffset.UtcNow) is null)
                result.AddError("--expires is a date to come, such as 2031-12-31, or a number of days up to 36500.");
        });
        command.Does((parsed, cancel) => WithKeys(async keys =>
        {
            var ends = parsed.GetValue(expires) is { } text ? Expiry.Read(text, DateTimeOffset.UtcNow) : null;
            var given = RoleWords.Parse(parsed.GetValue(role));
            var (keyId, key) = await keys.Create(
                parsed.GetValue(name)!,
                given,
                parsed.GetValue(user),
                ends,
                rights.Read(parsed, given),
                cancel);
            // Nothing else, so that a script can keep it where it belongs.
            Console.WriteLine(key);
            Console.Error.WriteLine(
                $"Key {keyId} of {parsed.GetValue(name)}, {parsed.GetValue(role)}"
                + $"{(ends is null ? "" : $", until {ends:yyyy-MM-dd HH:mm} UTC")}. It is shown this once. Callers "
                + "send it as Authorization: Bearer bfk_…; servers that were started without any key need a restart.");
            return 0;
        }, cancel));
        return command;
    }

    private static Command Revoke()
    {
        var id = new Argument<string>("ID") { Description = "The key's id; list shows it." };
        var command = new Command("revoke", "Ends a key. Servers refuse it within two seconds.") { id };
        command.Does((parsed, cancel) => WithKeys(async keys =>
        {
            if (!await keys.Revoke(parsed.GetValue(id)!, cancel))
                throw new OperatorException($"There is no key {parsed.GetValue(id)}; ./bifrost keys list shows all.");
            Console.WriteLine($"revoked {parsed.GetValue(id)}");
            return 0;
        }, cancel));
        return command;
    }

    private static Command List()
    {
        var command = new Command("list", "Lists all keys there ever were, without their secrets.");
        command.Does((_, cancel) => WithKeys(async keys =>
        {
            var all = await keys.List(cancel);
            Rows.Show(["id", "name", "role", "user", "created", "expires", "state"], all.Select(Cells));
            return 0;
        }, cancel));
        return command;
    }

    public static async Task<int> WithKeys(Func<ApiKeys, Task<int>> work, CancellationToken cancel)
    {
        await SchemaCommand.Apply(Settings.Database, Console.Error, cancel);
        await using var owner = NpgsqlDataSource.Create(Settings.Database);
        try
        {
            return await work(new ApiKeys(owner));
        }
        catch (KeyRefusedException e)
        {
            throw new OperatorException(e.Message);
        }
    }

    private static string[] Cells(ApiKey key) =>
    [
        key.KeyId, key.Name, key.Role.Word(), $"{key.UserId}", $"{key.CreatedAt.UtcDateTime:yyyy-MM-dd HH:mm}",
        key.ExpiresAt is { } end ? $"{end.UtcDateTime:yyyy-MM-dd HH:mm}" : "never", key.StateAt(DateTimeOffset.UtcNow),
    ];
}

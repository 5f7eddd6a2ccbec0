using System.CommandLine;
using System.Globalization;
using Bifrost.Audit.Anchors;
using Bifrost.Audit.Keys;
using Bifrost.Grains;

namespace Bifrost.Cli.Audit;

/// <summary>The keys that anchors are signed with.</summary>
internal static class AuditKeysCommand
{
    public static Command Create() => new(
        "keys",
        "The keys that anchors are signed with: which there were, a new one, and the end of belief in one.")
    {
        List(), Rotate(), Revoke(),
    };

    private static Command List()
    {
        var lines = new Option<bool>("--statements")
        {
            Description = "What the keys say of each other, a signed line each: what ./bifrost audit verify takes with "
                + "--keys, and scripts/verify.py as well.",
        };
        var command = new Command(
            "list", "Lists the keys that signed anchors of this log, the first one first, with when each was good.")
        {
            lines,
        };
        command.Does((parsed, cancel) => WithFolder(folder =>
        {
            var (keys, statements) = KeyFile.ReadAll(folder);
            if (parsed.GetValue(lines))
            {
                foreach (var statement in statements)
                    Console.WriteLine(statement.ToLine());
                return;
            }
            Rows.Show(["id", "from", "until", "revoked from", "public key"], keys.Select(Cells));
        }, cancel));
        return command;
    }

    private static Command Rotate()
    {
        var command = new Command(
            "rotate",
            "Makes a new key, has the one that signs now sign it, and deletes that one. Whoever trusts the old key "
            + "is led to the new one by ./bifrost audit keys list --statements. A server that runs goes on with "
            + "the new key.");
        command.Does((_, cancel) => WithFolder(folder =>
        {
            var (old, next) = KeyRotation.Rotate(folder, TimeProvider.System);
            Console.WriteLine($"{old} handed over to {next}");
            Console.Error.WriteLine(
                $"Give {folder.Keys} to whoever checks anchors; the public key is "
                + $"{AnchorKey.PublicFileOf(folder.Key)}.");
        }, cancel));
        return command;
    }

    private static Command Revoke()
    {
        var id = new Argument<string>("ID") { Description = "The key's id; list shows it." };
        var from = new Option<string>("--from")
        {
            Description = "When somebody else may have had it for the first time: 2024-03-08T14:30:00Z. What it "
                + "signed then or later is refused by whoever verifies, a hand-over too.",
            Required = true,
        };
        var command = new Command(
            "revoke", "Says, signed with the key that signs now, that a key that was before it is not to be believed.")
        {
            id, from,
        };
        command.Checks(result =>
        {
            if (Moment(result.GetValue(from)) is not { } moment || moment > TimeProvider.System.GetUtcNow())
                result.AddError("--from is a moment that is over, with its offset: 2024-03-08T14:30:00Z.");
        });
        command.Does((parsed, cancel) => WithFolder(folder =>
        {
            KeyRotation.Revoke(
                folder, parsed.GetValue(id)!, Moment(parsed.GetValue(from))!.Value, TimeProvider.System);
            Console.WriteLine($"revoked {parsed.GetValue(id)}");
            Console.Error.WriteLine($"Give {folder.Keys} to whoever checks anchors.");
        }, cancel));
        return command;
    }

    private static async Task<int> WithFolder(Action<AuditFolder> work, CancellationToken cancel)
    {
        await using var database = LedgerConnections.Readers(Settings.Database);
        var folder = await AuditFolder.Of(database, Settings.Audit.Root!, Settings.Audit.Key, cancel);
        try
        {
            work(folder);
            return 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new OperatorException($"{folder.Root} cannot be written: {e.Message}");
        }
    }

    private static string[] Cells(KeySpan span) =>
        [span.KeyId, span.From ?? "", span.Until ?? "", span.RevokedFrom ?? "", span.PublicKey];

    private static DateTimeOffset? Moment(string? text) =>
        DateTimeOffset.TryParseExact(
            text, ["yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"], CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal, out var moment)
            ? moment
            : null;
}

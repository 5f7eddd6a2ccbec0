using System.CommandLine;
using System.CommandLine.Parsing;
using Bifrost.Audit;
using Bifrost.Audit.Anchors;
using Bifrost.Audit.Keys;
using Bifrost.Audit.Outside;

namespace Bifrost.Cli.Audit;

/// <summary>What whoever verifies anchors says that they trust.</summary>
internal sealed class TrustOptions
{
    private static readonly TimeSpan HookLimit = TimeSpan.FromMinutes(2);

    private readonly Option<string[]> key = new("--key")
    {
        Description = "A public key in PEM that is trusted: anchors have to be signed with it, or with one that it "
            + "leads to by hand-overs. May be said more than once. Without it the first key that signed is "
            + "believed, and its id is shown to be compared.",
        AllowMultipleArgumentsPerToken = false,
    };

    private readonly Option<string?> keys = new("--keys")
    {
        Description = "What the keys say of each other, as ./bifrost audit keys list --statements prints it or "
            + "GET /api/audit/keys answers it; keys.jsonl beside the anchors, where nothing is said.",
    };

    private readonly Option<string[]> coSigner = new("--cosigner")
    {
        Description = "NAME=FILE: somebody who signs anchors too, and their public key in PEM. May be said more "
            + "than once, also of one name where its key was changed.",
    };

    private readonly Option<int> require = new("--require")
    {
        Description = "How many of the co-signers have to have signed each anchor, from the first that so many have.",
    };

    private readonly Option<string?> receipts = new("--receipts")
    {
        Description = "What places outside said when they took anchors; each has to be of one of the anchors. "
            + "receipts.jsonl beside the anchors, for --hook, where nothing is said.",
    };

    private readonly Option<string[]> hook = new("--hook")
    {
        Description = "A program that took anchors outside: it is asked whether the newest of its receipts is good.",
    };

    public void AddTo(Command command)
    {
        foreach (var option in All)
            command.Options.Add(option);
        command.Checks(result =>
        {
            var named = CoSigners(result.GetValue(coSigner) ?? []).ToList();
            if (named.Any(other => other is not [{ Length: > 0 }, { Length: > 0 }]))
                result.AddError("--cosigner is NAME=FILE.");
            var required = result.GetValue(require);
            if (required < 0 || required > named.DistinctBy(other => other[0]).Count())
                result.AddError("--require is a number, and at most that of the names that --cosigner gives.");
        });
    }

    /// <summary>Whether anything is said that wants anchors.</summary>
    public bool WantsAnchors(CommandResult said) =>
        All.Any(option => said.GetResult(option) is { Implicit: false });

    private Option[] All => [key, keys, coSigner, require, receipts, hook];

    public AnchorTrust Read(ParseResult parsed) => new()
    {
        Keys = [.. (parsed.GetValue(key) ?? []).Select(AnchorKey.ReadPublic)],
        CoSigners =
        [
            .. CoSigners(parsed.GetValue(coSigner) ?? []).Select(other => (other[0], AnchorKey.ReadPublic(other[1]))),
        ],
        Required = parsed.GetValue(require),
    };

    public string? KeysFile(ParseResult parsed) => parsed.GetValue(keys);

    /// <summary>Checks the receipts for anchors, and tells of each program that it knows its own.</summary>
    /// <param name="anchorFile">Where the anchors were read from.</param>
    /// <exception cref="AuditException">One is not what it should be.</exception>
    public async Task CheckReceipts(
        ParseResult parsed, string anchorFile, IReadOnlyList<Anchor> anchors, CancellationToken cancel)
    {
        var programs = parsed.GetValue(hook) ?? [];
        var named = parsed.GetValue(receipts);
        if (programs.Length == 0 && named is null)
            return;
        var file = named ?? Path.Combine(Path.GetDirectoryName(Path.GetFullPath(anchorFile))!, ReceiptFile.Name);
        if (!File.Exists(file))
            throw new AuditException($"There are no receipts in {file}.");
        var all = ReceiptFile.Read(file, mayGrow: named is null);
        ReceiptFile.RequireBound(all, anchors);
        foreach (var program in programs.Select(program => new AnchorHook(program, HookLimit)))
        {
            var anchor = await program.Verify(all, anchors, cancel);
            Console.Error.WriteLine($"{program.Name} has the anchor of {anchor.At}, of {anchor.Size} events");
        }
    }

    private static IEnumerable<string[]> CoSigners(string[] said) => said.Select(other => other.Split('=', 2));
}

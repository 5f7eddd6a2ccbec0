using System.Data;
using Bifrost.Audit.Anchors;
using Bifrost.Audit.Exporting;
using Bifrost.Audit.Keys;
using Bifrost.Audit.Proofs;
using Bifrost.EventStore;
using Npgsql;

namespace Bifrost.Audit.Chains;

/// <summary>What a verification found.</summary>
/// <param name="Anchored">How many of the events an anchor attests.</param>
/// <param name="Anchors">How many there were to check against.</param>
/// <param name="Keys">The ids of the keys that the anchors are signed with.</param>
/// <param name="Faults">How many there are; the first of them are in <paramref name="Findings"/>.</param>
public sealed record AuditReport(
    long Events,
    int Portfolios,
    long Anchored,
    int Anchors,
    IReadOnlyList<string> Keys,
    long Faults,
    IReadOnlyList<Finding> Findings)
{
    /// <summary>Events that are held to their chains alone: whoever wrote them could have written others.</summary>
    public long NotAnchored => Events - Anchored;

    /// <summary>No faults; and where there were anchors to check against, they attest something of it.</summary>
    public bool IsVerified => Faults == 0 && (Anchors == 0 || Anchored > 0);

    /// <summary>When each of the keys signed, where that is known.</summary>
    public IReadOnlyList<KeySpan> Spans { get; init; } = [];
}

/// <summary>Checks a log, or an export of one, against its hash chains and against anchors.</summary>
/// <param name="anchors">From <see cref="ReadAnchors"/>; none where there are none.</param>
public sealed class AuditVerification(IReadOnlyList<Anchor> anchors)
{
    /// <summary>The anchors of a file, each of which is signed with a key that the one given leads to.</summary>
    /// <param name="publicKey">
    /// A file with a public key in PEM; the first that signed is believed where it is null.
    /// </param>
    /// <exception cref="AuditException">One is not, or there are none.</exception>
    public static IReadOnlyList<Anchor> ReadAnchors(string file, string? publicKey) =>
        new AnchorTrust { Keys = publicKey is null ? [] : [AnchorKey.ReadPublic(publicKey)] }.Read(file).Anchors;

    /// <summary>The anchors up to one of a size, which has to be there; all of them where it is null.</summary>
    /// <exception cref="AuditException">There is none, or none of that size.</exception>
    public static IReadOnlyList<Anchor> Through(IReadOnlyList<Anchor> anchors, long? size)
    {
        if (anchors.Count == 0)
            throw new AuditException("There is no anchor in the file: what was signed before is missing.");
        return size is null || anchors.Any(anchor => anchor.Size == size)
            ? [.. anchors.Where(anchor => size is null || anchor.Size <= size)]
            : throw new AuditException($"None of the anchors is of {size} events.");
    }

    /// <param name="tree">The folder of the tree over the log, where it is at hand.</param>
    /// <param name="progress">Told how many events have been read.</param>
    public async Task<AuditReport> Verify(
        NpgsqlDataSource database, string? tree, IProgress<long> progress, CancellationToken cancel)
    {
        using var leaves = Attested(tree);
        var findings = new Findings();
        var check = new ChainCheck(anchors, findings, leaves);
        await using var connection = await database.OpenConnectionAsync(cancel);
        await using var snapshot = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancel);
        await using (var identity = new NpgsqlCommand("SELECT id FROM ledger.log_identity", connection))
            CheckLog((Guid)(await identity.ExecuteScalarAsync(cancel))!, "The database");
        await foreach (var places in SealedEvents.ReadAll(connection, cancel))
        {
            foreach (var place in places)
                check.Add(place);
            progress.Report(check.Events);
        }
        check.End();
        await foreach (var (sequence, problem) in ReceiptFaults.Read(connection, null, cancel))
            findings.Add(sequence, problem);
        return Report(findings, check.Events, check.Portfolios, check.Anchored);
    }

    /// <param name="export">A file in JSON Lines.</param>
    /// <param name="expected">What it has to be; a file that says that it is something else is refused.</param>
    /// <param name="progress">Told how many events have been read.</param>
    /// <exception cref="AuditException">The file is no whole export, or not of what was expected.</exception>
    public AuditReport Verify(string export, ExportScope expected, IProgress<long> progress)
    {
        using var file = ExportFile.Open(export);
        CheckLog(file.Log, export);
        if (file.Scope != expected)
        {
            throw new AuditException(
                $"{export} says that it is of {file.Scope}, and {expected} was asked for: --portfolio, --from and --to "
                + "say which part has to be in it.");
        }
        return expected.IsWhole ? VerifyWhole(file, progress) : VerifyPart(file, export, progress);
    }

    private AuditReport VerifyWhole(ExportFile file, IProgress<long> progress)
    {
        var findings = new Findings();
        var check = new ChainCheck(anchors, findings);
        foreach (var line in file.Events())
        {
            check.Add(line.Sealed, line.Previous);
            progress.Report(check.Events);
        }
        check.End();
        return Report(findings, check.Events, check.Portfolios, check.Anchored);
    }

    private AuditReport VerifyPart(ExportFile file, string export, IProgress<long> progress)
    {
        var anchor = anchors.Count == 0 ? null : anchors[^1];
        if (anchor is not null && file.Size != anchor.Size)
        {
            throw new AuditException(file.Size is { } size
                ? $"{export} is proved against the anchor of {size} events, and the newest one given is of "
                    + $"{anchor.Size}: export it again, or take the older one with --size {size}."
                : $"{export} carries no proofs, so no anchor attests anything in it. Export it again, on a machine "
                    + "that keeps the anchors.");
        }
        var findings = new Findings();
        var check = new PartCheck(file.Scope, anchor, findings);
        foreach (var line in file.Events())
        {
            check.Add(line);
            progress.Report(check.Events);
        }
        check.End(file.End!);
        return Report(findings, check.Events, check.Portfolios, check.Attested);
    }

    // Evidence only where the newest anchor says that it is.
    private LogTree? Attested(string? folder)
    {
        if (folder is null || anchors.Count == 0 || LogTree.StoredSize(folder) < anchors[^1].Size)
            return null;
        var tree = LogTree.Read(folder, anchors[^1].Size);
        if (Convert.ToHexStringLower(tree.RootOfLeaves()) == anchors[^1].Root)
            return tree;
        tree.Dispose();
        return null;
    }

    private void CheckLog(Guid log, string what)
    {
        if (anchors.Count > 0 && anchors[0].Log != log)
            throw new AuditException($"{what} is of the log {log}, and the anchors are of {anchors[0].Log}.");
    }

    private AuditReport Report(Findings findings, long events, int portfolios, long anchored) => new(
        events,
        portfolios,
        anchored,
        anchors.Count,
        [.. anchors.Select(anchor => anchor.KeyId).Distinct()],
        findings.Count,
        [.. findings.Kept.OrderBy(finding => finding.Sequence)]);
}

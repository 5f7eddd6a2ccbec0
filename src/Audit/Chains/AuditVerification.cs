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

    /// <param name="tree">The folder of the tree over the log, where it is at hand.</param>
    /// <param name="progress">Told how many events have been read.</param>
    public async Task<AuditReport> Verify(
        NpgsqlDataSource database, string? tree, IProgress<long> progress, CancellationToken cancel)
    {
        using var leaves = Attested(tree);
        var check = new ChainCheck(anchors, leaves);
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
        return Report(check);
    }

    /// <param name="export">A file in JSON Lines.</param>
    /// <param name="progress">Told how many events have been read.</param>
    /// <exception cref="AuditException">The file is no whole export.</exception>
    public AuditReport Verify(string export, IProgress<long> progress)
    {
        using var file = ExportFile.Open(export);
        CheckLog(file.Log, export);
        // What is left out of a part cannot be told from what was deleted, so it is held to its chains alone.
        var check = new ChainCheck(file.IsWhole ? anchors : []);
        foreach (var (sealedEvent, previous) in file.Events())
        {
            if (!file.IsWhole)
                check.BeginAt(sealedEvent, previous);
            check.Add(new SealedPlace(sealedEvent.Sequence, sealedEvent, null));
            progress.Report(check.Events);
        }
        check.End();
        return Report(check);
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

    private AuditReport Report(ChainCheck check) => new(
        check.Events,
        check.Portfolios,
        check.Anchored,
        anchors.Count,
        [.. anchors.Select(anchor => anchor.KeyId).Distinct()],
        check.Faults,
        [.. check.Findings.OrderBy(finding => finding.Sequence)]);
}

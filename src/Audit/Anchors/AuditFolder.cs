using Bifrost.Audit.Keys;
using Bifrost.Audit.Outside;
using Npgsql;

namespace Bifrost.Audit.Anchors;

/// <summary>
/// Where what must not be in the database is kept: the anchors of a log, the tree over it, and the key.
/// </summary>
/// <param name="Log">The log's id.</param>
/// <param name="Path">The folder of this log.</param>
/// <param name="Key">The file of the private key that anchors are signed with.</param>
public sealed record AuditFolder(Guid Log, string Path, string Key)
{
    /// <summary>Who else signs each anchor.</summary>
    public IReadOnlyList<CoSigner> CoSigners { get; init; } = [];

    /// <summary>The folder of all logs.</summary>
    public string Root => System.IO.Path.GetDirectoryName(Path)!;

    public string Anchors => System.IO.Path.Combine(Path, AnchorFile.Name);

    public string Tree => System.IO.Path.Combine(Path, "tree");

    /// <summary>The newest anchor once more, which tells when the file of all of them was cut off.</summary>
    public string Newest => System.IO.Path.Combine(Path, "newest.json");

    /// <summary>What was said about keys: hand-overs and revocations.</summary>
    public string Keys => System.IO.Path.Combine(Path, KeyFile.Name);

    /// <summary>What places outside said when they took an anchor.</summary>
    public string Receipts => System.IO.Path.Combine(Path, ReceiptFile.Name);

    /// <summary>The folder of the log of a database, below <paramref name="root"/>.</summary>
    /// <param name="key">The key's file; one of the root's own, made where it is not there, where this is null.</param>
    public static async Task<AuditFolder> Of(
        NpgsqlDataSource database, string root, string? key, CancellationToken cancel)
    {
        await using var command = database.CreateCommand("SELECT id FROM ledger.log_identity");
        var log = (Guid)(await command.ExecuteScalarAsync(cancel))!;
        return Of(log, System.IO.Path.GetFullPath(root), key);
    }

    internal static AuditFolder Of(Guid log, string root, string? key) => new(
        log, System.IO.Path.Combine(root, log.ToString("D")), key ?? System.IO.Path.Combine(root, "anchor.pem"));

    /// <summary>The folders of other logs below the same root, which are signed with the same key.</summary>
    internal IEnumerable<AuditFolder> Others() => Directory.Exists(Root)
        ? Directory.EnumerateDirectories(Root)
            .Select(folder => Guid.TryParseExact(System.IO.Path.GetFileName(folder), "D", out var log) ? log : Log)
            .Where(log => log != Log)
            .Select(log => Of(log, Root, Key))
        : [];
}

/// <summary>Somebody who signs each anchor too.</summary>
/// <param name="Key">The file of the private key, in PEM.</param>
public sealed record CoSigner(string Name, string Key);

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
    public string Anchors => System.IO.Path.Combine(Path, AnchorFile.Name);

    public string Tree => System.IO.Path.Combine(Path, "tree");

    /// <summary>The folder of the log of a database, below <paramref name="root"/>.</summary>
    /// <param name="key">The key's file; one of the root's own, made where it is not there, where this is null.</param>
    public static async Task<AuditFolder> Of(
        NpgsqlDataSource database, string root, string? key, CancellationToken cancel)
    {
        await using var command = database.CreateCommand("SELECT id FROM ledger.log_identity");
        var log = (Guid)(await command.ExecuteScalarAsync(cancel))!;
        return new AuditFolder(
            log, System.IO.Path.Combine(root, log.ToString("D")), key ?? System.IO.Path.Combine(root, "anchor.pem"));
    }
}

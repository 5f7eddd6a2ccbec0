using Bifrost.Audit.Anchors;
using Bifrost.Audit.Chains;
using Bifrost.Audit.Exporting;
using Npgsql;

namespace Bifrost.Audit.Tests;

/// <summary>
/// A ledger in which something of everything happened, with anchors on the way, and a superuser who tampers with it.
/// </summary>
public sealed class AuditedLedger : IAsyncLifetime
{
    public TradedLedger Traded { get; } = new();

    /// <summary>Anchors, tree and key.</summary>
    public AuditFolder Folder { get; private set; } = null!;

    /// <summary>The sequence of each event, in order.</summary>
    public IReadOnlyList<long> Sequences { get; private set; } = [];

    public string Root { get; } = Directory.CreateTempSubdirectory("bifrost-audit-").FullName;

    public async Task InitializeAsync()
    {
        await Traded.InitializeAsync();
        Folder = await AuditFolder.Of(Traded.Reads, Root, null, CancellationToken.None);
        await Sign();
        await Traded.Ledger.Deposit(Traded.Busy, 5m);
        await Traded.Ledger.Deposit(Traded.Flat, 7m);
        await Sign();
        Sequences = await Read("SELECT seq_id FROM events.mt_events ORDER BY 1");
        // What the log was before a test changed it.
        await Tamper("CREATE TABLE kept_event AS TABLE events.mt_events");
        await Tamper("CREATE TABLE kept_place AS TABLE ledger.portfolio_event");
    }

    public async Task DisposeAsync()
    {
        await Traded.DisposeAsync();
        Directory.Delete(Root, recursive: true);
    }

    public async Task<Anchor?> Sign()
    {
        using var signer = AnchorSigner.Open(Traded.Reads, Folder, TimeProvider.System);
        return await signer.Sign(CancellationToken.None);
    }

    /// <summary>Against the database and what is kept beside it.</summary>
    /// <param name="withTree">False where only the anchors were kept.</param>
    public Task<AuditReport> Verify(bool withAnchors = true, bool withTree = true)
    {
        var anchors = withAnchors ? AuditVerification.ReadAnchors(Folder.Anchors, null) : [];
        return new AuditVerification(anchors).Verify(
            Traded.Reads, withAnchors && withTree ? Folder.Tree : null, new Progress<long>(), CancellationToken.None);
    }

    /// <param name="expected">All of the log, where it is null.</param>
    public AuditReport VerifyExport(string export, bool withAnchors = true, ExportScope? expected = null) =>
        new AuditVerification(withAnchors ? AuditVerification.ReadAnchors(Folder.Anchors, null) : [])
            .Verify(export, expected ?? new ExportScope(), new Progress<long>());

    public async Task<string> Export(ExportScope? scope = null, bool withProofs = true)
    {
        var name = Path.Combine(Root, $"{Guid.NewGuid():N}.jsonl");
        await using var output = File.Create(name);
        await ExportFormat.Of("jsonl")!.Export(
            Traded.Reads, withProofs ? Folder : null, scope ?? new ExportScope(), output);
        return name;
    }

    /// <summary>As a superuser who goes around every trigger.</summary>
    public async Task Tamper(string sql)
    {
        await using var connection = new NpgsqlConnection(Traded.Database.SuperuserConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand($"SET session_replication_role = replica; {sql}", connection);
        await command.ExecuteNonQueryAsync();
    }

    public Task Undo() => Tamper(
        """
        TRUNCATE events.mt_events, ledger.portfolio_event;
        INSERT INTO events.mt_events TABLE kept_event;
        INSERT INTO ledger.portfolio_event TABLE kept_place
        """);

    public async Task<List<long>> Read(string sql)
    {
        await using var command = Traded.Reads.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync();
        var numbers = new List<long>();
        while (await reader.ReadAsync())
            numbers.Add(reader.GetInt64(0));
        return numbers;
    }
}

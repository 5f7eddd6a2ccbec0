using System.Data;
using Bifrost.Audit.Anchors;
using Bifrost.EventStore;
using Npgsql;

namespace Bifrost.Audit.Exporting;

/// <summary>What is to be exported.</summary>
public sealed record ExportScope
{
    /// <summary>Null for all.</summary>
    public int? PortfolioId { get; init; }

    /// <summary>Recorded then or later; to the microsecond, as times are recorded and exported.</summary>
    public DateTime? From
    {
        get;
        init => field = Microseconds(value);
    }

    /// <summary>Recorded before then; to the microsecond.</summary>
    public DateTime? To
    {
        get;
        init => field = Microseconds(value);
    }

    public bool IsWhole => this is { PortfolioId: null, From: null, To: null };

    /// <summary>As a sentence goes on: all of the log, or which part of it.</summary>
    public override string ToString() => IsWhole ? "all of the log" : string.Join(' ', (IEnumerable<string>)
    [
        PortfolioId is { } id ? $"portfolio {id}" : "the log",
        .. From is { } from ? [$"from {EventHash.Text(from)}"] : (string[])[],
        .. To is { } to ? [$"to {EventHash.Text(to)}"] : (string[])[],
    ]);

    /// <summary>Whether there is what is to be exported: the portfolio, where it is one.</summary>
    public async Task<bool> IsThere(NpgsqlDataSource database, CancellationToken cancel = default)
    {
        if (PortfolioId is not { } id)
            return true;
        await using var command = database.CreateCommand(
            "SELECT EXISTS (SELECT FROM ledger.portfolio_event WHERE portfolio_id = $1)");
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = id });
        return (bool)(await command.ExecuteScalarAsync(cancel))!;
    }

    private static DateTime? Microseconds(DateTime? time) =>
        time?.AddTicks(-(time.Value.Ticks % TimeSpan.TicksPerMicrosecond));
}

/// <summary>An export under way.</summary>
/// <param name="Connection">In one snapshot from the first row to the last; for the export alone.</param>
/// <param name="Output">Written to asynchronously, and never ahead of what its reader takes.</param>
/// <param name="Tell">Told how many events are done, and of how many.</param>
public sealed record ExportRun(
    NpgsqlConnection Connection, ExportScope Scope, Stream Output, Action<long, long> Tell, CancellationToken Cancel)
{
    /// <summary>Proves a part; null for all of the log, which needs none, and where no anchors are kept.</summary>
    internal PartProofs? Proofs { get; init; }
}

/// <summary>A format that the history is exported in.</summary>
/// <param name="Name">As callers name it.</param>
/// <param name="MediaType">With the character set.</param>
/// <param name="Extension">Of a file in this format.</param>
/// <param name="Write">Writes all of it, in memory that does not grow with the log.</param>
public sealed record ExportFormat(string Name, string MediaType, string Extension, Func<ExportRun, Task> Write)
{
    /// <summary>All formats there are; a new one is a line here.</summary>
    public static readonly IReadOnlyList<ExportFormat> All =
    [
        new(JsonLinesExport.Name, "application/jsonl; charset=utf-8", "jsonl", JsonLinesExport.Write),
        new("csv", "text/csv; charset=utf-8; header=present", "csv", CsvExport.Write),
        new("beancount", "text/plain; charset=utf-8", "beancount", BeancountExport.Write),
    ];

    public static IEnumerable<string> Names => All.Select(format => format.Name);

    public static ExportFormat? Of(string? name) => All.FirstOrDefault(format => format.Name == name);

    /// <summary>What a file with the export is called, where nobody says otherwise.</summary>
    public string FileName(ExportScope scope) => scope.PortfolioId is { } id
        ? $"bifrost-portfolio-{id}.{Extension}"
        : $"bifrost.{Extension}";

    /// <summary>Writes what is asked for, all of it as of one moment, however long that takes.</summary>
    /// <param name="kept">Where the anchors are that a part is proved against; null where none are kept.</param>
    public async Task Export(
        NpgsqlDataSource database,
        AuditFolder? kept,
        ExportScope scope,
        Stream output,
        Action<long, long>? tell = null,
        CancellationToken cancel = default)
    {
        using var proofs = kept is null || scope.IsWhole || Name != JsonLinesExport.Name ? null : PartProofs.Open(kept);
        await using var connection = await database.OpenConnectionAsync(cancel);
        await using var snapshot = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancel);
        await Write(new ExportRun(connection, scope, output, tell ?? ((_, _) => { }), cancel) { Proofs = proofs });
    }
}

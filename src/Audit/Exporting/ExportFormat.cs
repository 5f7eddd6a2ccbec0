using Npgsql;

namespace Bifrost.Audit.Exporting;

/// <summary>What is to be exported.</summary>
public sealed record ExportScope
{
    /// <summary>Null for all.</summary>
    public int? PortfolioId { get; init; }

    /// <summary>Recorded then or later.</summary>
    public DateTime? From { get; init; }

    /// <summary>Recorded before then.</summary>
    public DateTime? To { get; init; }
}

/// <summary>An export under way.</summary>
/// <param name="Connection">In one snapshot from the first row to the last; for the export alone.</param>
/// <param name="Output">Written to asynchronously, and never ahead of what its reader takes.</param>
/// <param name="Tell">Told how many events are done, and of how many.</param>
public sealed record ExportRun(
    NpgsqlConnection Connection, ExportScope Scope, Stream Output, Action<long, long> Tell, CancellationToken Cancel);

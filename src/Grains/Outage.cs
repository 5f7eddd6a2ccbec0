using Npgsql;

namespace Bifrost.Grains;

/// <summary>
/// Errors of PostgreSQL that speak of its own state and not of what was asked: as good as a lost connection.
/// </summary>
public static class Outage
{
    // Connection exceptions, insufficient resources, operator intervention (going down, starting up, terminated).
    private static readonly string[] Classes = ["08", "53", "57"];

    /// <summary>What a caller is told of a failed read: an outage where it was one.</summary>
    public static Exception Told(Exception failure) =>
        failure is NpgsqlException ? new LedgerUnavailableException(outcomeUnknown: false) : failure;

    public static bool Is(PostgresException e) =>
        Classes.Any(code => e.SqlState.StartsWith(code, StringComparison.Ordinal));
}

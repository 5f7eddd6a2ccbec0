namespace Bifrost.Bench;

/// <summary>What the numbers were measured on.</summary>
internal static class Machine
{
    private const string Settings =
        """
        SELECT string_agg(name || '=' || current_setting(name), ', ')
        FROM unnest(array['fsync', 'synchronous_commit', 'full_page_writes', 'shared_buffers']) AS name
        """;

    public static async Task<string> Describe(BenchDatabase database, CancellationToken cancel)
    {
        var version = await database.Scalar<string>("SELECT current_setting('server_version')", cancel);
        var settings = await database.Scalar<string>(Settings, cancel);
        return $"{Environment.ProcessorCount} cores, shared with PostgreSQL {version.Split(' ')[0]} ({settings}); "
            + $".NET {Environment.Version}";
    }
}

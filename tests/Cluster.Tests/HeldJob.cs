using System.Diagnostics;
using Npgsql;

namespace Bifrost.Cluster.Tests;

/// <summary>A job that is held in the middle of its work by a transaction of the test's own.</summary>
internal sealed class HeldJob : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private const string Insert =
        """
        INSERT INTO work.job (job_id, kind, arguments, owner, state, finished_at)
        VALUES ($1, $2, $3::jsonb, 'tester', 'cancelled', now())
        """;

    private const string Content =
        "INSERT INTO work.job_content (job_id, attempt, part, bytes) VALUES ($1, 0, 0, $2)";

    private const string SomebodyWaits =
        """
        SELECT EXISTS (
            SELECT FROM pg_stat_activity WHERE datname = current_database() AND $1 = ANY (pg_blocking_pids(pid)))
        """;

    private readonly NpgsqlDataSource database;
    private readonly NpgsqlConnection holding;

    private HeldJob(NpgsqlDataSource database, NpgsqlConnection holding) =>
        (this.database, this.holding) = (database, holding);

    public Guid JobId { get; } = Guid.CreateVersion7();

    /// <summary>
    /// Puts a job there that somebody has cancelled, and holds what it will come to once it is retried.
    /// </summary>
    /// <param name="hold">What to hold; $job is the job's id.</param>
    public static async Task<HeldJob> Create(
        NpgsqlDataSource database, string kind, string arguments, string hold, byte[]? content = null)
    {
        var job = new HeldJob(database, await database.OpenConnectionAsync());
        await using (var insert = database.CreateCommand(Insert))
        {
            insert.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = job.JobId });
            insert.Parameters.Add(new NpgsqlParameter<string> { TypedValue = kind });
            insert.Parameters.Add(new NpgsqlParameter<string> { TypedValue = arguments });
            await insert.ExecuteNonQueryAsync();
        }
        if (content is not null)
        {
            await using var given = database.CreateCommand(Content);
            given.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = job.JobId });
            given.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = content });
            await given.ExecuteNonQueryAsync();
        }
        var sql = hold.Replace("$job", $"'{job.JobId}'", StringComparison.Ordinal);
        await using var begin = new NpgsqlCommand($"BEGIN; {sql}", job.holding);
        await begin.ExecuteNonQueryAsync();
        return job;
    }

    /// <summary>Waits until it has come to what is held.</summary>
    /// <returns>Who has come to it.</returns>
    public async Task<string> Held()
    {
        await WaitFor(database, holding);
        await using var command = database.CreateCommand("SELECT node FROM work.job WHERE job_id = $1");
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = JobId });
        return (string)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>Waits until somebody waits for what a connection holds.</summary>
    public static Task WaitFor(NpgsqlDataSource database, NpgsqlConnection holding) => Eventually.Is(
        async () =>
        {
            await using var command = database.CreateCommand(SomebodyWaits);
            command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = holding.ProcessID });
            return (bool)(await command.ExecuteScalarAsync())!;
        },
        Patience,
        () => "Nobody comes to what is held.");

    public async Task LetGo()
    {
        await using var end = new NpgsqlCommand("ROLLBACK", holding);
        await end.ExecuteNonQueryAsync();
    }

    /// <summary>Waits until it is begun for the second time, and then until it has ended.</summary>
    /// <returns>When it was begun again, as <see cref="Stopwatch.GetTimestamp"/> says it.</returns>
    public async Task<long> Succeeds()
    {
        await Is("attempt = 2");
        var begun = Stopwatch.GetTimestamp();
        await Is("finished_at IS NOT NULL");
        (await Told("concat_ws(' ', state, attempt, problem)")).ShouldBe("succeeded 2");
        return begun;
    }

    /// <summary>An expression of the job's row.</summary>
    public async Task<string> Told(string expression)
    {
        await using var command = database.CreateCommand(
            $"SELECT ({expression})::text FROM work.job WHERE job_id = $1");
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = JobId });
        return (string)(await command.ExecuteScalarAsync())!;
    }

    private Task Is(string condition) => Eventually.Is(
        async () => await Told(condition) == "true", Patience, () => $"{JobId}: it is not that {condition}");

    public ValueTask DisposeAsync() => holding.DisposeAsync();
}

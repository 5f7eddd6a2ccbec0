using System.Text.Json;
using Bifrost.Messaging;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Bifrost.Jobs;

/// <summary>A node's right to work on a job: good while the job's attempt is this one.</summary>
internal sealed record Claim(
    Guid JobId, string Kind, JsonElement Arguments, string Owner, int Attempt, int Failures, JsonElement? Checkpoint);

/// <summary>The rows of jobs, and their content.</summary>
public sealed class JobStore([FromKeyedServices(MessagingModule.Connections)] NpgsqlDataSource database)
{
    private const string Columns =
        """
        job_id, kind, arguments, owner, state, schedule, attempt, node, stage, done, total, cancel_requested, result,
        problem, created_at, started_at, updated_at, finished_at
        """;

    private const string One = $"SELECT {Columns} FROM work.job WHERE job_id = $1";

    private const string Page =
        $"""
        SELECT {Columns} FROM work.job
        WHERE ($1::uuid IS NULL OR job_id < $1) AND ($2::text IS NULL OR state = $2) AND ($3::text IS NULL OR kind = $3)
        ORDER BY job_id DESC LIMIT $4
        """;

    // The oldest that waits, or whose node was not heard of for too long. One that is being taken is passed over. All
    // times are the database's, so no two clocks have to agree.
    private const string Begin =
        """
        UPDATE work.job
        SET state = 'running', attempt = attempt + 1, node = $1,
            failures = failures + CASE state WHEN 'running' THEN 1 ELSE 0 END,
            stage = NULL, done = NULL, total = NULL, started_at = coalesce(started_at, now()), updated_at = now()
        WHERE job_id = (
            SELECT job_id FROM work.job
            WHERE finished_at IS NULL
              AND CASE state WHEN 'queued' THEN due_at <= now() ELSE updated_at <= now() - $2 END
            ORDER BY job_id LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED)
        RETURNING kind, arguments, owner, attempt, failures, checkpoint, job_id
        """;

    private const string Told =
        """
        UPDATE work.job SET stage = $3, done = $4, total = $5, updated_at = now()
        WHERE job_id = $1 AND attempt = $2 AND state = 'running'
        RETURNING cancel_requested
        """;

    private const string Kept =
        """
        UPDATE work.job SET checkpoint = $3, updated_at = now()
        WHERE job_id = $1 AND attempt = $2 AND state = 'running'
        """;

    private const string Finish =
        """
        UPDATE work.job
        SET state = $3, result = $4, problem = $5, stage = $6, done = $7, total = $8, cancel_requested = false,
            updated_at = now(), finished_at = now()
        WHERE job_id = $1 AND attempt = $2 AND state = 'running'
        """;

    private const string Remove = "DELETE FROM work.job WHERE job_id = $1 AND finished_at IS NOT NULL";

    private const string RemoveEnded = "DELETE FROM work.job WHERE finished_at < now() - $1::interval";

    private const string FirstPart =
        "SELECT attempt FROM work.job_content WHERE job_id = $1 AND attempt > 0 AND attempt = $2 AND part = 0";

    public async Task<Job?> Find(Guid jobId, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(One);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = jobId });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        return await reader.ReadAsync(cancel) ? Read(reader) : null;
    }

    /// <summary>Jobs from the newest on.</summary>
    /// <param name="before">Only older ones than this; null for all.</param>
    public async Task<List<Job>> List(Guid? before, JobState? state, string? kind, int limit, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(Page);
        command.Parameters.Add(new NpgsqlParameter { Value = (object?)before ?? DBNull.Value });
        command.Parameters.Add(new NpgsqlParameter { Value = (object?)state?.Word() ?? DBNull.Value });
        command.Parameters.Add(new NpgsqlParameter { Value = (object?)kind ?? DBNull.Value });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = limit });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var jobs = new List<Job>();
        while (await reader.ReadAsync(cancel))
            jobs.Add(Read(reader));
        return jobs;
    }

    /// <summary>Removes a job that has ended, and its content.</summary>
    /// <returns>False where there is no such job, or it has not ended.</returns>
    public async Task<bool> Discard(Guid jobId, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(Remove);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = jobId });
        return await command.ExecuteNonQueryAsync(cancel) > 0;
    }

    /// <summary>Removes what ended so long ago.</summary>
    /// <returns>How many jobs it were.</returns>
    public async Task<int> DiscardEnded(TimeSpan age, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(RemoveEnded);
        command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = age });
        return await command.ExecuteNonQueryAsync(cancel);
    }

    /// <summary>What a job that has succeeded gives back; null where it gives nothing.</summary>
    public async Task<Stream?> OpenResult(Job job, CancellationToken cancel)
    {
        if (job.State != JobState.Succeeded)
            return null;
        await using var command = database.CreateCommand(FirstPart);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = job.JobId });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = job.Attempt });
        return await command.ExecuteScalarAsync(cancel) is null ? null : OpenContent(job.JobId, job.Attempt);
    }

    internal Stream OpenContent(Guid jobId, int attempt) => new JobContentReader(database, jobId, attempt);

    internal JobContentWriter CreateContent(Guid jobId, int attempt) =>
        new(sql => database.CreateCommand(sql), jobId, attempt);

    /// <summary>Takes the next job that is to be done.</summary>
    /// <param name="silence">After so long without a word of it a running job is taken over.</param>
    /// <returns>Null where there is none.</returns>
    internal async Task<Claim?> Claim(string node, TimeSpan silence, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(Begin);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = node });
        command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = silence });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        return await reader.ReadAsync(cancel)
            ? new Claim(
                reader.GetGuid(6),
                reader.GetString(0),
                Json(reader, 1)!.Value,
                reader.GetString(2),
                reader.GetInt32(3),
                reader.GetInt32(4),
                Json(reader, 5))
            : null;
    }

    /// <returns>Whether it is to stop; null where the claim is no longer good.</returns>
    internal async Task<bool?> Tell(Claim claim, JobContext.Progress progress, CancellationToken cancel)
    {
        await using var command = Of(claim, Told);
        Add(command, progress);
        return (bool?)await command.ExecuteScalarAsync(cancel);
    }

    /// <returns>False where the claim is no longer good.</returns>
    internal async Task<bool> Save(Claim claim, JsonElement checkpoint, CancellationToken cancel)
    {
        await using var command = Of(claim, Kept);
        command.Parameters.Add(JobJson.Parameter(checkpoint));
        return await command.ExecuteNonQueryAsync(cancel) > 0;
    }

    /// <inheritdoc cref="Save"/>
    internal async Task<bool> End(
        Claim claim, JobState state, JsonElement? result, string? problem, JobContext.Progress progress)
    {
        await using var command = Of(claim, Finish);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = state.Word() });
        command.Parameters.Add(JobJson.Parameter(result));
        command.Parameters.Add(JobJson.Text(problem));
        Add(command, progress);
        // Also where the node is about to stop: else what is done would be done again.
        return await command.ExecuteNonQueryAsync(CancellationToken.None) > 0;
    }

    private NpgsqlCommand Of(Claim claim, string sql)
    {
        var command = database.CreateCommand(sql);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = claim.JobId });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = claim.Attempt });
        return command;
    }

    private static void Add(NpgsqlCommand command, JobContext.Progress progress)
    {
        command.Parameters.Add(JobJson.Text(progress.Stage));
        command.Parameters.Add(new NpgsqlParameter { Value = (object?)progress.Done ?? DBNull.Value });
        command.Parameters.Add(new NpgsqlParameter { Value = (object?)progress.Total ?? DBNull.Value });
    }

    private static Job Read(NpgsqlDataReader reader) => new(
        reader.GetGuid(0),
        reader.GetString(1),
        Json(reader, 2)!.Value,
        reader.GetString(3),
        JobStates.Read(reader.GetString(4)))
    {
        Schedule = Text(reader, 5),
        Attempt = reader.GetInt32(6),
        Node = Text(reader, 7),
        Stage = Text(reader, 8),
        Done = reader.IsDBNull(9) ? null : reader.GetInt64(9),
        Total = reader.IsDBNull(10) ? null : reader.GetInt64(10),
        IsCancelRequested = reader.GetBoolean(11),
        Result = Json(reader, 12),
        Problem = Text(reader, 13),
        CreatedAt = reader.GetFieldValue<DateTimeOffset>(14),
        StartedAt = Time(reader, 15),
        UpdatedAt = reader.GetFieldValue<DateTimeOffset>(16),
        FinishedAt = Time(reader, 17),
    };

    private static string? Text(NpgsqlDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : reader.GetString(column);

    private static DateTimeOffset? Time(NpgsqlDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : reader.GetFieldValue<DateTimeOffset>(column);

    private static JsonElement? Json(NpgsqlDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : JobJson.Read(reader.GetString(column));
}

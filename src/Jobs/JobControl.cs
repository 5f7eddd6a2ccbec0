using System.Text.Json;
using Bifrost.Messaging;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Bifrost.Jobs;

/// <summary>Asks for jobs, and for what is to become of them.</summary>
public sealed class JobControl(
    [FromKeyedServices(MessagingModule.Connections)] NpgsqlDataSource database, JobStore store, JobKinds kinds)
{
    /// <summary>Where it is told that a job waits; sent with the transaction that has it wait.</summary>
    internal const string Channel = "work_job";

    private const int ComparedAtOnce = 64 * 1024;

    private const string Insert =
        $"""
        WITH added AS (
            INSERT INTO work.job (job_id, kind, arguments, owner, request_key, schedule)
            VALUES ($1, $2, $3, $4, $5, $6)
            ON CONFLICT (owner, request_key) DO NOTHING RETURNING job_id
        )
        SELECT job_id FROM added, pg_notify('{Channel}', '')
        """;

    private const string Requested =
        "SELECT job_id, kind = $3 AND arguments = $4 FROM work.job WHERE owner = $1 AND request_key = $2";

    private const string Again =
        $"""
        WITH again AS (
            UPDATE work.job
            SET state = 'queued', failures = 0, problem = NULL, finished_at = NULL, cancel_requested = false,
                due_at = now(), updated_at = now()
            WHERE job_id = $1 AND state IN ('failed', 'cancelled') RETURNING job_id
        )
        SELECT job_id FROM again, pg_notify('{Channel}', '')
        """;

    private const string StopIt =
        """
        UPDATE work.job
        SET cancel_requested = state = 'running', updated_at = now(),
            finished_at = CASE WHEN state = 'queued' THEN now() END,
            state = CASE WHEN state = 'queued' THEN 'cancelled' ELSE state END
        WHERE job_id = $1 AND state IN ('queued', 'running')
        """;

    private const string Back =
        $"""
        WITH given AS (
            UPDATE work.job
            SET state = CASE WHEN cancel_requested THEN 'cancelled' ELSE 'queued' END, cancel_requested = false,
                finished_at = CASE WHEN cancel_requested THEN now() END,
                failures = $3, problem = $4, due_at = now() + $5, updated_at = now()
            WHERE job_id = $1 AND attempt = $2 AND state = 'running' RETURNING job_id
        )
        SELECT job_id FROM given, pg_notify('{Channel}', '')
        """;

    /// <summary>Asks for a job, and is durable when it returns.</summary>
    /// <param name="content">What is sent with it; null for nothing.</param>
    /// <exception cref="JobRefusedException">It is not asked for: the message says why.</exception>
    public async Task<Job> Submit(JobRequest request, Stream? content, CancellationToken cancel)
    {
        if (kinds.ProblemWith(request, content is not null) is { } problem)
            throw new JobRefusedException(problem);
        var jobId = Guid.CreateVersion7();
        await using var connection = await database.OpenConnectionAsync(cancel);
        await using (var transaction = await connection.BeginTransactionAsync(cancel))
        {
            if (await Add(connection, jobId, request, cancel))
            {
                if (content is not null)
                    await Write(connection, jobId, content, cancel);
                await transaction.CommitAsync(cancel);
                return (await store.Find(jobId, cancel))!;
            }
        }
        return await Known(request, content, cancel);
    }

    /// <summary>Has a job that failed or was cancelled done again, from where it came to.</summary>
    /// <returns>False where there is no such job, or it is not in such a state.</returns>
    public async Task<bool> Retry(Guid jobId, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(Again);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = jobId });
        return await command.ExecuteScalarAsync(cancel) is not null;
    }

    /// <summary>Has a job not begun, or stopped where it is.</summary>
    /// <returns>False where there is no such job, or it has ended.</returns>
    public async Task<bool> Cancel(Guid jobId, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(StopIt);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = jobId });
        return await command.ExecuteNonQueryAsync(cancel) > 0;
    }

    /// <summary>Adds a job within a transaction of the caller's.</summary>
    /// <returns>False where its owner has asked for it with the same key before.</returns>
    internal static async Task<bool> Add(
        NpgsqlConnection connection, Guid jobId, JobRequest request, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(Insert, connection);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = jobId });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = request.Kind });
        command.Parameters.Add(JobJson.Parameter(request.Arguments));
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = request.Owner });
        command.Parameters.Add(JobJson.Text(request.RequestKey));
        command.Parameters.Add(JobJson.Text(request.Schedule));
        return await command.ExecuteScalarAsync(cancel) is not null;
    }

    /// <summary>
    /// Gives a claimed job back, to be begun again after a while, unless somebody wants it cancelled.
    /// </summary>
    internal async Task GiveBack(Claim claim, int failures, string? problem, TimeSpan delay)
    {
        await using var command = database.CreateCommand(Back);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = claim.JobId });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = claim.Attempt });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = failures });
        command.Parameters.Add(JobJson.Text(problem));
        command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = delay });
        // Also where the node is about to stop: else it would be missed first.
        await command.ExecuteNonQueryAsync(CancellationToken.None);
    }

    private static async Task Write(
        NpgsqlConnection connection, Guid jobId, Stream content, CancellationToken cancel)
    {
        await using var writer = new JobContentWriter(sql => new NpgsqlCommand(sql, connection), jobId, attempt: 0);
        await content.CopyToAsync(writer, cancel);
    }

    private async Task<Job> Known(JobRequest request, Stream? content, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(Requested);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = request.Owner });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = request.RequestKey! });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = request.Kind });
        command.Parameters.Add(JobJson.Parameter(request.Arguments));
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var job = await reader.ReadAsync(cancel) && reader.GetBoolean(1)
            ? await store.Find(reader.GetGuid(0), cancel)
            : null;
        if (job is null || !await IsContentOf(job, content, cancel))
            throw new JobRefusedException($"The key '{request.RequestKey}' was used for another job.");
        return job;
    }

    private async Task<bool> IsContentOf(Job job, Stream? content, CancellationToken cancel)
    {
        if (content is null)
            return true;
        await using var known = store.OpenContent(job.JobId, attempt: 0);
        var (theirs, ours) = (new byte[ComparedAtOnce], new byte[ComparedAtOnce]);
        while (true)
        {
            var count = await content.ReadAtLeastAsync(theirs, ComparedAtOnce, throwOnEndOfStream: false, cancel);
            var due = await known.ReadAtLeastAsync(ours, ComparedAtOnce, throwOnEndOfStream: false, cancel);
            if (!theirs.AsSpan(0, count).SequenceEqual(ours.AsSpan(0, due)))
                return false;
            if (count == 0)
                return true;
        }
    }
}

/// <summary>A job is not taken on: it names what there is not, or is not well formed.</summary>
public sealed class JobRefusedException(string message) : Exception(message);

/// <summary>The kinds of jobs that this server knows.</summary>
public sealed class JobKinds(IEnumerable<IJobKind> kinds)
{
    private readonly SortedDictionary<string, IJobKind> known =
        new(kinds.ToDictionary(kind => kind.Name), StringComparer.Ordinal);

    public IEnumerable<IJobKind> All => known.Values;

    public IJobKind? Find(string name) => known.GetValueOrDefault(name);

    internal string? ProblemWith(JobRequest request, bool hasContent)
    {
        if (Find(request.Kind) is not { } kind)
            return $"There are no jobs of the kind '{request.Kind}', but of: {string.Join(", ", known.Keys)}.";
        if (request.Arguments.ValueKind != JsonValueKind.Object)
            return "The arguments of a job are an object.";
        if (JobJson.ProblemWith(request.Arguments) is { } problem)
            return $"The arguments cannot be kept: {problem}.";
        if (kind.TakesContent != hasContent)
            return $"A job of the kind {kind.Name} {(hasContent ? "takes no" : "needs")} content.";
        return kind.ProblemWith(request.Arguments);
    }
}

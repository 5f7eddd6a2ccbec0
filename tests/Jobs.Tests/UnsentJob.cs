using Npgsql;

namespace Bifrost.Jobs.Tests;

/// <summary>A job that is not due, so that nobody begins it but the test.</summary>
internal static class UnsentJob
{
    public static async Task<Guid> In(TestDatabase database, Script script)
    {
        var jobId = Guid.CreateVersion7();
        await database.Query<int>(
            $"""
            INSERT INTO work.job (job_id, kind, arguments, owner, due_at)
            VALUES ('{jobId}', 'scripted', '{ScriptedKind.Add(script)}', 'tester', 'infinity') RETURNING 1
            """);
        return jobId;
    }

    /// <summary>Takes a job as a node does that finds it due, or its node silent.</summary>
    public static async Task<Claim> Take(TestDatabase database, Guid jobId)
    {
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        await using var command = source.CreateCommand(
            $"""
            UPDATE work.job
            SET state = 'running', attempt = attempt + 1, node = 'two', started_at = now(), updated_at = now()
            WHERE job_id = '{jobId}' RETURNING kind, arguments, owner, attempt, failures, checkpoint
            """);
        await using var reader = await command.ExecuteReaderAsync();
        (await reader.ReadAsync()).ShouldBeTrue();
        return new Claim(
            jobId,
            reader.GetString(0),
            JobJson.Read(reader.GetString(1)),
            reader.GetString(2),
            reader.GetInt32(3),
            reader.GetInt32(4),
            reader.IsDBNull(5) ? null : JobJson.Read(reader.GetString(5)));
    }
}

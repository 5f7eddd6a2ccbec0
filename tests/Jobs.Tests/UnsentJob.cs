namespace Bifrost.Jobs.Tests;

/// <summary>A job without a message, so that nobody begins it but the test.</summary>
internal static class UnsentJob
{
    public static async Task<Guid> In(TestDatabase database, Script script)
    {
        var jobId = Guid.CreateVersion7();
        await database.Query<int>(
            $"""
            INSERT INTO work.job (job_id, kind, arguments, owner)
            VALUES ('{jobId}', 'scripted', '{ScriptedKind.Add(script)}', 'tester') RETURNING 1
            """);
        return jobId;
    }
}

using Bifrost.Messaging;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Bifrost.Jobs;

/// <summary>The schedules there are, and the jobs that they ask for when they are due.</summary>
public sealed class Schedules(
    JobKinds kinds,
    TimeProvider clock,
    ILogger<Schedules> logger,
    [FromKeyedServices(MessagingModule.Connections)] NpgsqlDataSource database)
{
    private const string Columns =
        "name, kind, arguments, cron, zone, owner, next_at, last_at, last_job, skipped";

    private const string All = $"SELECT {Columns} FROM work.schedule ORDER BY name";

    private const string Put =
        """
        INSERT INTO work.schedule (name, kind, arguments, cron, zone, owner, next_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT (name) DO UPDATE SET
            kind = EXCLUDED.kind, arguments = EXCLUDED.arguments, cron = EXCLUDED.cron, zone = EXCLUDED.zone,
            owner = EXCLUDED.owner, next_at = EXCLUDED.next_at
        """;

    private const string Delete = "DELETE FROM work.schedule WHERE name = $1";

    // One that another node has in hand is passed over. An equal job that has not ended is looked for in the same
    // snapshot: it was asked for under the same lock.
    private const string Due =
        $"""
        SELECT {Columns}, EXISTS (
            SELECT FROM work.job j WHERE j.schedule = s.name AND j.finished_at IS NULL)
        FROM work.schedule s WHERE next_at <= $1 ORDER BY next_at LIMIT 1 FOR UPDATE SKIP LOCKED
        """;

    private const string Moved =
        """
        UPDATE work.schedule SET next_at = $2, last_at = coalesce($3, last_at), last_job = coalesce($4, last_job),
            skipped = skipped + CASE WHEN $4 IS NULL THEN 1 ELSE 0 END
        WHERE name = $1
        """;

    private const string First = "SELECT min(next_at) FROM work.schedule";

    public async Task<List<Schedule>> List(CancellationToken cancel)
    {
        await using var command = database.CreateCommand(All);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var schedules = new List<Schedule>();
        while (await reader.ReadAsync(cancel))
            schedules.Add(Read(reader));
        return schedules;
    }

    /// <summary>Makes a schedule, or changes the one of its name.</summary>
    /// <returns>When it is due first; null for never.</returns>
    /// <exception cref="JobRefusedException">Its time, zone, kind or arguments are no such thing.</exception>
    public async Task<DateTimeOffset?> Set(Schedule schedule, CancellationToken cancel)
    {
        var request = new JobRequest(schedule.Kind, schedule.Arguments, schedule.Owner);
        if (kinds.ProblemWith(request, hasContent: false) is { } problem)
            throw new JobRefusedException(problem);
        var next = CronTimes.Next(schedule.Cron, schedule.Zone, clock.GetUtcNow());
        await using var command = database.CreateCommand(Put);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = schedule.Name });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = schedule.Kind });
        command.Parameters.Add(JobJson.Parameter(schedule.Arguments));
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = schedule.Cron });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = schedule.Zone });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = schedule.Owner });
        command.Parameters.Add(Moment(next));
        await command.ExecuteNonQueryAsync(cancel);
        return next;
    }

    /// <returns>False where there is none of this name.</returns>
    public async Task<bool> Remove(string name, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(Delete);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = name });
        return await command.ExecuteNonQueryAsync(cancel) > 0;
    }

    /// <summary>When the next one is due; null where none ever is.</summary>
    internal async Task<DateTimeOffset?> NextDue(CancellationToken cancel)
    {
        await using var command = database.CreateCommand(First);
        return await command.ExecuteScalarAsync(cancel) is DateTime due ? new DateTimeOffset(due) : null;
    }

    /// <summary>
    /// Asks for the job of a schedule that is due. The row is locked from the look until the job is there, and moves on
    /// in the same transaction: of all nodes one asks, and asks once; one that dies in between has not asked. Moments
    /// that were missed while no node was there come to one.
    /// </summary>
    /// <returns>False where none is due.</returns>
    internal async Task<bool> Fire(CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        await using var connection = await database.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        if (await FindDue(connection, now, cancel) is not { } due)
            return false;
        var (schedule, isBusy) = due;
        var jobId = isBusy ? (Guid?)null : Guid.CreateVersion7();
        if (jobId is { } id)
        {
            var (kind, arguments, owner) = (schedule.Kind, schedule.Arguments, schedule.Owner);
            var request = new JobRequest(kind, arguments, owner) { Schedule = schedule.Name };
            await JobControl.Add(connection, id, request, cancel);
        }
        await using var move = new NpgsqlCommand(Moved, connection);
        move.Parameters.Add(new NpgsqlParameter<string> { TypedValue = schedule.Name });
        move.Parameters.Add(Moment(Following(schedule, now)));
        move.Parameters.Add(Moment(isBusy ? null : schedule.NextAt));
        move.Parameters.Add(new NpgsqlParameter
        {
            Value = (object?)jobId ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Uuid,
        });
        await move.ExecuteNonQueryAsync(cancel);
        await transaction.CommitAsync(cancel);
        return true;
    }

    private static async Task<(Schedule Schedule, bool IsBusy)?> FindDue(
        NpgsqlConnection connection, DateTimeOffset now, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(Due, connection);
        command.Parameters.Add(Moment(now));
        await using var reader = await command.ExecuteReaderAsync(cancel);
        return await reader.ReadAsync(cancel) ? (Read(reader), reader.GetBoolean(10)) : null;
    }

    // One that a newer server has set, or whose zone is no more, is not to keep the others from being fired.
    private DateTimeOffset? Following(Schedule schedule, DateTimeOffset now)
    {
        try
        {
            return CronTimes.Next(schedule.Cron, schedule.Zone, now);
        }
        catch (JobRefusedException e)
        {
            logger.LogError("Schedule {Name} is not due any more: {Reason}", schedule.Name, e.Message);
            return null;
        }
    }

    private static NpgsqlParameter Moment(DateTimeOffset? moment) => new()
    {
        Value = (object?)moment?.ToUniversalTime() ?? DBNull.Value,
        NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.TimestampTz,
    };

    private static Schedule Read(NpgsqlDataReader reader) => new(
        reader.GetString(0),
        reader.GetString(1),
        JobJson.Read(reader.GetString(2)),
        reader.GetString(3),
        reader.GetString(4),
        reader.GetString(5))
    {
        NextAt = reader.IsDBNull(6) ? null : reader.GetFieldValue<DateTimeOffset>(6),
        LastAt = reader.IsDBNull(7) ? null : reader.GetFieldValue<DateTimeOffset>(7),
        LastJob = reader.IsDBNull(8) ? null : reader.GetGuid(8),
        Skipped = reader.GetInt64(9),
    };
}

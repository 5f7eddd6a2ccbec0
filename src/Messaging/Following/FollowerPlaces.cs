using JasperFx.Events.Projections;
using Npgsql;

namespace Bifrost.Messaging.Following;

/// <summary>How far a follower that is wanted is behind the log.</summary>
/// <param name="Events">Of the log that it has not come to.</param>
/// <param name="Age">How long ago the first of them was recorded; zero where there is none.</param>
public sealed record FollowerPlace(string Name, long Events, TimeSpan Age);

/// <summary>Where the followers are in the log, on whichever node they run.</summary>
public sealed class FollowerPlaces
{
    private const string Behind =
        """
        SELECT (SELECT coalesce(max(seq_id), 0) FROM events.mt_events) - place.at,
               (SELECT now() - e.timestamp FROM events.mt_events e WHERE e.seq_id > place.at ORDER BY e.seq_id LIMIT 1)
        FROM (SELECT greatest($2, (SELECT last_seq_id FROM events.mt_event_progression WHERE name = $1)) AS at) AS place
        """;

    private readonly IReadOnlyList<KnownFollower> followers;
    private readonly NpgsqlDataSource database;

    internal FollowerPlaces(IEnumerable<KnownFollower> followers, NpgsqlDataSource database) =>
        (this.followers, this.database) = ([.. followers], database);

    /// <returns>Those that somebody wants something of.</returns>
    public async Task<IReadOnlyList<FollowerPlace>> Read(CancellationToken cancel)
    {
        var places = new List<FollowerPlace>();
        foreach (var known in followers)
        {
            if (await known.Follower.Value.WantedAfter(cancel) is { } after)
                places.Add(await Read(known.Name, after, cancel));
        }
        return places;
    }

    private async Task<FollowerPlace> Read(string name, long after, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(Behind);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = new ShardName(name).Identity });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = after });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        await reader.ReadAsync(cancel);
        var age = reader.IsDBNull(1) ? TimeSpan.Zero : reader.GetTimeSpan(1);
        // Recorded times are of the clocks of nodes.
        return new FollowerPlace(name, Math.Max(reader.GetInt64(0), 0), age > TimeSpan.Zero ? age : TimeSpan.Zero);
    }
}

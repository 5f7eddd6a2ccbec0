using Bifrost.Audit.History;
using Npgsql;

namespace Bifrost.Audit.Tests.History;

/// <summary>What is listed is what a scan of the whole log finds.</summary>
public sealed class HistoryTests(FilledLog log) : IClassFixture<FilledLog>
{
    private const string Scan =
        """
        SELECT seq_id FROM events.mt_events
        WHERE seq_id > $1
          AND ($2::integer IS NULL OR (data ->> 'portfolioId')::integer = $2) AND ($3::text IS NULL OR stream_id = $3)
          AND ($4::text IS NULL OR type = $4) AND ($5::text IS NULL OR user_name = $5)
          AND ($6::text IS NULL OR causation_id = $6) AND ($7::text IS NULL OR correlation_id = $7)
          AND ($8::timestamptz IS NULL OR timestamp >= $8) AND ($9::timestamptz IS NULL OR timestamp < $9)
        ORDER BY seq_id
        """;

    [Fact]
    public async Task each_filter_and_each_two_list_what_a_scan_of_the_log_finds()
    {
        var history = new EventHistory(log.Reads);
        foreach (var (name, filter) in Questions.All)
        {
            var expected = await Scanned(filter);
            // Wherever a reader begins, it goes on without a gap; long lists are read at their end.
            var after = expected.Count > 2_500 ? expected[^2_500] : 0;
            var due = expected.Where(sequence => sequence > after).ToList();

            var found = await ReadAll(history, filter with { After = Math.Max(after, filter.After), Limit = 1_000 });

            found.ShouldBe(due, name);
        }
    }

    [Fact]
    public async Task a_page_has_as_many_as_were_asked_for_and_says_where_to_go_on()
    {
        var history = new EventHistory(log.Reads);

        var page = await history.Read(new HistoryFilter { Type = "rare", Limit = 3 });
        var rest = await history.Read(new HistoryFilter { Type = "rare", Limit = 3, After = page.Next!.Value });

        page.Items.Select(item => item.Sequence).ShouldBe([1, 40_001, 80_001]);
        page.Next.ShouldBe(80_001);
        rest.Items.Select(item => item.Sequence).ShouldBe([120_001, 160_001]);
        rest.Next.ShouldBeNull();
    }

    [Fact]
    public async Task a_page_that_has_looked_at_enough_ends_and_says_where_to_go_on()
    {
        // Neither has fewer than a page looks at, and both together are in none.
        var page = await new EventHistory(log.Reads).Read(new HistoryFilter { Type = "late", Actor = "ann" });
        page.Items.ShouldBeEmpty();
        page.Next.ShouldNotBeNull();

        (await ReadAll(new EventHistory(log.Reads), new HistoryFilter { Type = "late", Actor = "ann" })).ShouldBeEmpty();
    }

    [Fact]
    public async Task an_event_is_shown_to_the_letter_whatever_this_build_knows_of_it()
    {
        var page = await new EventHistory(log.Reads).Read(new HistoryFilter { CommandId = "command:407" });

        page.Items.Select(item => item.Sequence).ShouldBe([1221, 1222, 1223]);
        page.Items[0].ShouldSatisfyAllConditions(
            e => e.Type.ShouldBe("common"),
            e => e.Stream.ShouldBe("portfolio-7"),
            e => e.Actor.ShouldBe("ann"),
            e => e.OccurredAt.ShouldBe(FilledLog.Noon),
            e => e.Data.ShouldBe("""{"amount": 1.10, "occurredAt": "2026-03-02T12:00:00Z", "portfolioId": 7}"""));
    }

    [Fact]
    public async Task a_time_between_two_clocks_lists_what_each_of_them_recorded()
    {
        // Recorded a minute early, in the middle of what was recorded then by others.
        var early = await log.Database.Query<long>(
            "SELECT min(seq_id) FROM events.mt_events e WHERE timestamp < (SELECT max(timestamp) - interval '50 s' "
            + "FROM events.mt_events b WHERE b.seq_id BETWEEN e.seq_id - 300 AND e.seq_id)");
        var at = await log.Database.Query<DateTime>($"SELECT timestamp FROM events.mt_events WHERE seq_id = {early}");

        var found = await ReadAll(
            new EventHistory(log.Reads), new HistoryFilter { From = at, To = at.AddTicks(10), Limit = 10 });

        found.ShouldContain(early);
        found.ShouldContain(sequence => sequence < early - 100);
    }

    private static async Task<List<long>> ReadAll(EventHistory history, HistoryFilter filter)
    {
        var found = new List<long>();
        for (long? after = filter.After; after is not null;)
        {
            var page = await history.Read(filter with { After = after.Value });
            page.Items.Count.ShouldBeLessThanOrEqualTo(filter.Limit);
            found.AddRange(page.Items.Select(item => item.Sequence));
            after = page.Next;
        }
        return found;
    }

    private async Task<List<long>> Scanned(HistoryFilter filter)
    {
        await using var command = log.Reads.CreateCommand(Scan);
        object?[] values =
        [
            filter.After, filter.PortfolioId, filter.Stream, filter.Type, filter.Actor, filter.CommandId,
            filter.CorrelationId, filter.From, filter.To,
        ];
        foreach (var value in values)
            command.Parameters.Add(new NpgsqlParameter { Value = value ?? DBNull.Value });
        await using var reader = await command.ExecuteReaderAsync();
        var found = new List<long>();
        while (await reader.ReadAsync())
            found.Add(reader.GetInt64(0));
        return found;
    }
}

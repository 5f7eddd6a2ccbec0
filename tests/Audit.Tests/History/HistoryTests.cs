using Bifrost.Audit.History;

namespace Bifrost.Audit.Tests.History;

/// <summary>What is listed is what a scan of the whole log finds.</summary>
public sealed class HistoryTests(FilledLog log) : IClassFixture<FilledLog>
{
    private const string All =
        """
        SELECT seq_id, (data ->> 'portfolioId')::integer, stream_id, type, user_name, causation_id, correlation_id,
               timestamp
        FROM events.mt_events ORDER BY seq_id
        """;

    private sealed record Row(
        long Sequence, int Portfolio, string Stream, string Type, string Actor, string Command, string? Correlation)
    {
        public DateTime RecordedAt { get; init; }

        public bool Fits(HistoryFilter filter) =>
            Sequence > filter.After
            && (filter.PortfolioId is not { } portfolio || portfolio == Portfolio)
            && (filter.Stream ?? Stream) == Stream
            && (filter.Type ?? Type) == Type
            && (filter.Actor ?? Actor) == Actor
            && (filter.CommandId ?? Command) == Command
            && (filter.CorrelationId ?? Correlation) == Correlation
            && (filter.From is not { } from || RecordedAt >= from)
            && (filter.To is not { } to || RecordedAt < to);
    }

    [Fact]
    public async Task each_filter_and_each_two_list_what_a_scan_of_the_log_finds()
    {
        var (history, all) = (new EventHistory(log.Reads), await ReadAll());
        foreach (var (name, filter) in Questions.All)
        {
            var expected = all.Where(row => row.Fits(filter)).Select(row => row.Sequence).ToList();
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
        var (history, filter) = (new EventHistory(log.Reads), new HistoryFilter { Type = "late", Actor = "ann" });

        var page = await history.Read(filter);

        page.Items.ShouldBeEmpty();
        page.Next.ShouldNotBeNull();
        (await ReadAll(history, filter)).ShouldBeEmpty();
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

    private async Task<List<Row>> ReadAll()
    {
        await using var command = log.Reads.CreateCommand(All);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<Row>();
        while (await reader.ReadAsync())
        {
            rows.Add(new Row(
                reader.GetInt64(0), reader.GetInt32(1), reader.GetString(2), reader.GetString(3), reader.GetString(4),
                reader.GetString(5), reader.IsDBNull(6) ? null : reader.GetString(6))
            {
                RecordedAt = reader.GetDateTime(7),
            });
        }
        return rows;
    }
}

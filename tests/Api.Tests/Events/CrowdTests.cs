using System.Globalization;
using System.Text;
using Bifrost.Domain;
using Bifrost.Domain.Funding;
using Bifrost.Grains;
using Bifrost.Harness;
using Microsoft.Extensions.DependencyInjection;

namespace Bifrost.Api.Tests.Events;

/// <summary>Many clients, and such that do not read.</summary>
public sealed class CrowdTests(RunningServer server) : IClassFixture<RunningServer>
{
    // Thousands of these are more than the window, the server's buffers and the network's hold together.
    private static readonly string LongText = new('x', 3_000);

    private Ledger Ledger => server.Services.GetRequiredService<Ledger>();

    [Fact]
    public async Task a_thousand_streams_each_get_all_events_in_order()
    {
        var portfolios = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => Ledger.OpenPortfolio()));
        var streams = await Task.WhenAll(Enumerable.Range(0, 1_000).Select(_ => UnreadStream.Open(server.Url)));

        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(
            i => Ledger.Deposit(portfolios[i % portfolios.Length], 1m)));
        var all = answers.Select(answer => answer.Sequence).Order().ToList();

        var got = await Task.WhenAll(streams.Select(stream => stream.ReadUntil(all[^1])));
        got.ShouldAllBe(sequences => sequences.SequenceEqual(all));
        foreach (var stream in streams)
            stream.Dispose();
    }

    // That the writers come to their end is what shows that nobody holds them up: the one that never reads has long
    // since filled all that is between it and the server.
    [Fact]
    public async Task a_thousand_streams_are_served_and_writers_go_on_beside_a_client_that_never_reads()
    {
        const int Noise = 4_000;
        var loud = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Ledger.OpenPortfolio()));
        var quiet = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Ledger.OpenPortfolio()));
        using var never = await UnreadStream.Open(server.Url);
        var streams = await Task.WhenAll(Enumerable.Range(0, 1_000).Select(
            i => UnreadStream.Open(server.Url, $"portfolioId={quiet[i % quiet.Length]}")));

        var noise = Task.WhenAll(Enumerable.Range(0, Noise).Select(
            i => Ledger.Do(loud[i % loud.Length], LongDeposit())));
        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(
            i => Ledger.Deposit(quiet[i % quiet.Length], 1m)));
        await noise;

        var due = answers.GroupBy(answer => answer.PortfolioId)
            .ToDictionary(group => group.Key, group => group.Select(answer => answer.Sequence).Order().ToList());
        var got = await Task.WhenAll(streams.Select((stream, i) => stream.ReadUntil(due[quiet[i % quiet.Length]][^1])));
        foreach (var (i, sequences) in got.Index())
            sequences.ShouldBe(due[quiet[i % quiet.Length]]);
        foreach (var stream in streams)
            stream.Dispose();
    }

    [Fact]
    public async Task a_client_that_does_not_read_holds_nobody_up_and_gets_everything_once_it_reads()
    {
        const int Events = 7_000;
        var portfolios = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Ledger.OpenPortfolio()));
        using var stalled = await UnreadStream.Open(server.Url);
        using var reading = await UnreadStream.Open(server.Url);

        var answers = await Task.WhenAll(Enumerable.Range(0, Events).Select(
            i => Ledger.Do(portfolios[i % portfolios.Length], LongDeposit())));
        var all = answers.Select(answer => answer.Sequence).Order().ToList();

        (await reading.ReadUntil(all[^1])).ShouldBe(all);
        (await stalled.ReadUntil(all[^1])).ShouldBe(all);
    }

    [Fact]
    public async Task a_server_that_is_stopped_ends_its_streams_and_waits_for_no_client()
    {
        var (app, api) = await server.StartAnother();
        await using var _ = app;
        using var __ = api;
        var url = new Uri(app.Urls.Single());
        using var stalled = await UnreadStream.Open(url);
        var ledger = app.Services.GetRequiredService<Ledger>();
        var portfolio = await ledger.OpenPortfolio();
        await Task.WhenAll(Enumerable.Range(0, 4_000).Select(_ => ledger.Do(portfolio, LongDeposit())));
        var streams = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => EventListener.Open(url)));

        // Half of what a host gives requests that do not end.
        await app.StopAsync().WaitAsync(TimeSpan.FromSeconds(15));

        foreach (var stream in streams)
        {
            (await stream.Next()).ShouldBeNull();
            await stream.DisposeAsync();
        }
    }

    [Fact]
    public async Task clients_that_go_away_leave_nothing_behind()
    {
        var tail = server.Services.GetRequiredService<Api.Events.EventTail>();
        var streams = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => UnreadStream.Open(server.Url)));
        await Until(() => tail.Window is not null);

        foreach (var stream in streams)
            stream.Dispose();

        await Until(() => tail.Window is null);
    }

    private static Task Until(Func<bool> isSo) =>
        Eventually.Is(() => Task.FromResult(isSo()), EventListener.Patience, () => "It does not come to it.");

    private static MoveCash LongDeposit() => new() { Type = FundingType.DEPOSIT, Amount = 1m, Description = LongText };

    /// <summary>
    /// A stream that is read when the test says so; until then it fills what is between it and the server.
    /// </summary>
    private sealed class UnreadStream : IDisposable
    {
        private static readonly HttpClient Http = new();

        private readonly byte[] buffer = new byte[64 * 1024];
        private readonly List<long> sequences = [];
        private readonly StringBuilder line = new();
        private readonly HttpResponseMessage response;
        private readonly Stream body;

        private UnreadStream(HttpResponseMessage response, Stream body) =>
            (this.response, this.body) = (response, body);

        public static async Task<UnreadStream> Open(Uri server, string query = "")
        {
            var url = new Uri(server, $"/api/events?{query}");
            var response = await Http.GetAsync(url, HttpCompletionOption.ResponseHeadersRead);
            return new UnreadStream(response, await response.Content.ReadAsStreamAsync());
        }

        /// <summary>The ids that come until the last one has come.</summary>
        public async Task<List<long>> ReadUntil(long last)
        {
            while (sequences is not [.., var latest] || latest != last)
            {
                var count = await body.ReadAsync(buffer).AsTask().WaitAsync(EventListener.Patience);
                count.ShouldBeGreaterThan(0);
                foreach (var letter in buffer.AsSpan(0, count))
                    Read((char)letter);
            }
            return sequences;
        }

        public void Dispose() => response.Dispose();

        private void Read(char letter)
        {
            if (letter != '\n')
            {
                line.Append(letter);
                return;
            }
            var text = line.ToString();
            line.Clear();
            if (text.StartsWith("id: ", StringComparison.Ordinal))
                sequences.Add(long.Parse(text.AsSpan(4), CultureInfo.InvariantCulture));
        }
    }
}

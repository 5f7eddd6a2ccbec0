using Bifrost.Harness;

namespace Bifrost.Bench.Tests;

/// <summary>Every benchmark as small as it gets, by the script that people run; its figures mean nothing.</summary>
public sealed class BenchmarkTests
{
    private const string Small = "--callers 2 --portfolios 2 --seconds 1 --runs 1 --warm-up 0";

    [Theory]
    [InlineData(
        $"commands --scenarios spread,marten {Small} --yardstick-seconds 1",
        "commands/s", "spread", "marten", "marten: Marten 9.", "COPY of the same events")]
    [InlineData(
        $"commands --scenarios hot sealing http-spread,http-hot {Small} --yardstick-seconds 0",
        "commands/s", "hot", "sealed", "unsealed", "http-spread", "http-hot", "hash chains and anchors cost")]
    [InlineData(
        $"commands --scenarios spread {Small} --silos 2 --yardstick-seconds 0", "commands/s", "spread")]
    public async Task commands_are_measured_in_every_scenario(string command, params string[] told)
    {
        var output = await Tell(command, told);

        // With the entry script's own server comes its pgbench.
        if (EntryScript.HasPrivateServer && command.EndsWith(" 1", StringComparison.Ordinal))
            output.ShouldContain("pgbench, the same bytes, one row a transaction: ");
    }

    [Fact]
    public async Task commands_are_measured_on_a_server_that_runs_already_as_often_as_one_likes()
    {
        var server = new RunningServer();
        await server.InitializeAsync();
        try
        {
            for (var i = 0; i < 2; i++)
            {
                await Tell(
                    $"commands --scenarios http-spread {Small} --yardstick-seconds 0 --http {server.Url}",
                    ["commands/s", "http-spread"]);
            }
            (await server.Database.Query<long>("SELECT count(*) FROM \"order\"")).ShouldBeGreaterThan(0);
        }
        finally
        {
            await server.DisposeAsync();
        }
    }

    /// <summary>In a class of their own, since those of one class wait for each other.</summary>
    public sealed class Others
    {
        [Theory]
        [InlineData(
            "ingest --symbols 2 --days 1 --runs 1",
            "rows/s", "bare binary COPY", "first load", "the same again", "rolling up")]
        [InlineData(
            "bars-read --symbols 2 --days 2 --repeats 2",
            "HTTP p50 ms", "latest of 2 symbols", "a symbol's minutes", "daily rollups", "daily statistics")]
        [InlineData(
            "valuation --portfolios 2 --holdings 2 --symbols 3 --ticks 2",
            "holdings/s", "a tick of all symbols", "one bare update")]
        [InlineData(
            "replay --events 64 --portfolios 2 --runs 1 --reads 1",
            "events/s", "bare COPY OUT", "fold", "verify", "rebuild", "marten rebuild", "as of an event")]
        [InlineData(
            "jobs --jobs 4 --callers 2 --alone 1",
            "jobs/s", "asked for one after another", "asked for by 2 callers", "a bare row")]
        [InlineData(
            "following --events 100 --commits 5 --callers 4",
            "events/s", "catching up", "from the answer to the handler", "from the command to the handler")]
        public Task a_benchmark_ends_well_and_prints_its_table(string command, params string[] told) =>
            Tell(command, told);
    }

    private static async Task<string> Tell(string command, string[] told)
    {
        var (exit, output, error) = await EntryScript.Run(["bench", .. command.Split(' ')]);

        exit.ShouldBe(0, output + error);
        foreach (var words in told)
            output.ShouldContain(words, Case.Sensitive, output + error);
        return output;
    }
}

using Bifrost.Harness;

namespace Bifrost.Bench.Tests;

public sealed class UsageTests
{
    [Fact]
    public async Task the_help_of_bench_lists_the_benchmarks_with_examples()
    {
        var (exit, output, error) = await EntryScript.Run("bench", "--help");

        (exit, error).ShouldBe((0, ""));
        output.ShouldContain("  bars-read ");
        output.ShouldContain("  ./bifrost bench commands --scenarios ");
    }

    [Theory]
    [InlineData("commands", "Callers buy 10 shares", "--scenarios <NAME,NAME>", "--warm-up <N>")]
    [InlineData("replay", "Folds, verifies and rebuilds", "--events <N>", "[default: 1000000]")]
    public async Task the_help_of_a_benchmark_is_its_own(string name, params string[] told)
    {
        var (exit, output, error) = await EntryScript.Run("bench", name, "--help");

        exit.ShouldBe(0, error);
        foreach (var word in told)
            output.ShouldContain(word);
        output.ShouldNotContain(" part ");
    }

    [Theory]
    [InlineData("command", "there are commands ingest bars-read valuation replay jobs following")]
    [InlineData("--save commands", "the name of a benchmark comes first")]
    [InlineData("commands --scenarios spread,cold hot", "There is no scenario 'cold'; there are spread, hot, ")]
    [InlineData("commands --callers 8,few", "--callers takes numbers from 1 on, not 'few'.")]
    [InlineData("commands --http here", "--http takes places like http://127.0.0.1:8080, not 'here'.")]
    [InlineData("replay --runs 0", "--runs has to be at least 1, not 0.")]
    [InlineData("replay --run 1", "--run")]
    public async Task wrong_usage_is_told_with_what_there_is(string arguments, string told)
    {
        var (exit, output, error) = await EntryScript.Run(["bench", .. arguments.Split(' ')]);

        (exit, output).ShouldBe((2, ""), error);
        error.ShouldContain(told, Case.Sensitive);
        error.ShouldContain("--help'");
    }
}

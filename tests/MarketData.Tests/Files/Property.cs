using System.Globalization;
using FsCheck;
using FsCheck.Fluent;

namespace Bifrost.MarketData.Tests.Files;

/// <summary>
/// Runs a property inside a fact. A failure prints the shrunk counterexample and "seed of (a, b), size of s"; set
/// <c>FSCHECK_REPLAY=a,b,s</c> to run that one case again, or
/// <c>BIFROST_TEST_CASES=1000</c> to try ten times as many, and 20 a fifth.
/// </summary>
internal static class Property
{
    public static void Holds<T>(Arbitrary<T> cases, Action<T> check, int tests = 100)
    {
        var config = Config.QuickThrowOnFailure.WithMaxTest(Cases(tests));
        if (Environment.GetEnvironmentVariable("FSCHECK_REPLAY")?.Split(',') is [var seed, var gamma, var size])
        {
            var replay = new FsCheck.Replay(
                new Rnd(
                    ulong.Parse(seed, CultureInfo.InvariantCulture), ulong.Parse(gamma, CultureInfo.InvariantCulture)),
                int.Parse(size, CultureInfo.InvariantCulture));
            config = config.WithReplay(replay).WithMaxTest(1);
        }
        Check.One(config, Prop.ForAll(cases, check));
    }

    // Of each hundred as many as it says, and at least one.
    private static int Cases(int usual) =>
        Environment.GetEnvironmentVariable("BIFROST_TEST_CASES") is { Length: > 0 } cases
            ? Math.Max(1, usual * int.Parse(cases, CultureInfo.InvariantCulture) / 100)
            : usual;
}

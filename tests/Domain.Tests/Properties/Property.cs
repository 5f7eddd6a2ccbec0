using System.Globalization;
using FsCheck;
using FsCheck.Fluent;

namespace Bifrost.Domain.Tests;

/// <summary>
/// Runs a property inside a fact. A failure prints the shrunk counterexample and "seed of (a, b), size of s"; set
/// <c>FSCHECK_REPLAY=a,b,s</c> to run that one case again.
/// </summary>
internal static class Property
{
    public static void Holds<T>(Gen<T> generator, Action<T> check, int tests = 100) =>
        Holds(Arb.From(generator), check, tests);

    public static void Holds<T>(Arbitrary<T> cases, Action<T> check, int tests = 100)
    {
        var config = Config.QuickThrowOnFailure.WithMaxTest(tests);
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
}

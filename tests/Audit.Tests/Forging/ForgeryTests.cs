using System.Text.RegularExpressions;
using Bifrost.Audit.Exporting;
using Bifrost.Domain.Tests;
using FsCheck.Fluent;

namespace Bifrost.Audit.Tests.Forging;

/// <summary>
/// Whatever a forger does to the log, and whatever he says that it is: whoever has the anchors and says which part is
/// wanted finds it, with the product and with the verifier that has nothing of ours.
/// </summary>
public sealed class ForgeryTests(ForgedLedger ledger) : IClassFixture<ForgedLedger>
{
    /// <summary>What is done to the log, around an event that is in whatever is asked for.</summary>
    private static readonly Dictionary<string, Action<Forger, ForgedEvent>> Forgeries = new()
    {
        ["another amount"] = (_, e) => e.Data = Regex.Replace(e.Data, "[0-9](?=[^0-9]*$)", "7$0"),
        ["another actor"] = (_, e) => e.Actor = "somebody",
        ["another command"] = (_, e) => e.CommandId = "key:somebody:1",
        ["another trace"] = (_, e) => e.CorrelationId = "trace",
        ["another type"] = (_, e) => e.Type += "_again",
        ["another id"] = (_, e) => e.Id = "01890000-0000-7000-8000-000000000001",
        ["another stream"] = (_, e) => (e.Stream, e.Version) = ("order-1", 99),
        ["another time"] = (_, e) => e.RecordedAt = $"{e.RecordedAt[..^2]}{(e.RecordedAt[^2] == '1' ? '2' : '1')}Z",
        ["left out of the log"] = (forger, e) => forger.Events.Remove(e),
        ["left out of the file"] = (forger, e) => forger.LeavesOut = left => left == e,
        ["all behind it left out"] = (forger, e) => forger.LeavesOut = left => left.Sequence > e.Sequence,
        ["all before it left out"] = (forger, e) => forger.LeavesOut = left => left.Sequence < e.Sequence,
        ["made up"] = (forger, e) =>
            forger.Events.Insert(forger.Events.IndexOf(e), e with { Sequence = e.Sequence - 1 }),
        ["twice"] = (forger, e) => forger.Events.Insert(forger.Events.IndexOf(e), e with { }),
        ["of another portfolio"] = (forger, e) => e.PortfolioId = forger.Events[^1].PortfolioId,
        ["what another portfolio did"] = (forger, e) =>
        {
            var other = forger.Events.First(other => other.PortfolioId != e.PortfolioId);
            (e.Type, e.Stream, e.Version, e.Data) = (other.Type, other.Stream, other.Version, other.Data);
        },
        ["swapped with the next"] = (forger, e) =>
        {
            var at = forger.Events.IndexOf(e);
            (forger.Events[at], forger.Events[at + 1]) = (forger.Events[at + 1], e);
            (e.Sequence, forger.Events[at].Sequence) = (forger.Events[at].Sequence, e.Sequence);
        },
    };

    // The first of them, which can be done together.
    private const int OfOneEvent = 8;

    /// <summary>What is done to the lines of a file that is right otherwise.</summary>
    private static readonly Dictionary<string, Action<List<string>, string>> Scribbles = new()
    {
        ["its count"] = (lines, _) => Last(lines, "\"events\":", "\"events\":1"),
        ["its last sequence"] = (lines, _) => Last(lines, "\"lastSequence\":", "\"lastSequence\":1"),
        ["another format"] = (lines, _) => First(lines, "export 1", "export 2"),
        ["another log"] = (lines, _) => First(lines, "\"log\":\"", "\"log\":\"00000000-0000-0000-0000-00000000000"),
        ["a note in the first line"] = (lines, _) => First(lines, "}", ",\"note\":1}"),
        ["a note in the last line"] = (lines, _) => Last(lines, "}", ",\"note\":1}"),
        ["a note before the data"] = (lines, at) => Event(lines, at, ",\"data\":", ",\"note\":1,\"data\":"),
        ["a note behind the data"] = (lines, at) => Set(lines, lines.IndexOf(at), at[..^1] + ",\"note\":1}"),
        ["an actor beside the actor"] = (lines, at) => Event(lines, at, "\"actor\":", "\"actor\":\"eve\",\"actor\":"),
        ["data beside the data"] = (lines, at) => Event(lines, at, "\"data\":", "\"data\":{},\"data\":"),
        ["members in another order"] = (lines, at) => Set(lines, lines.IndexOf(at), Regex.Replace(
            at, "(\"type\":[^,]*),(\"id\":[^,]*)", "$2,$1")),
        ["another previous hash"] = (lines, at) => Event(lines, at, "\"previousHash\":\"", "\"previousHash\":\"00", 2),
        ["a hash in capitals"] = (lines, at) => Set(lines, lines.IndexOf(at), Regex.Replace(
            at, "\"hash\":\"([0-9a-f]*)\"", found => $"\"hash\":\"{found.Groups[1].Value.ToUpperInvariant()}\"")),
        ["an id in capitals"] = (lines, at) => Set(lines, lines.IndexOf(at), Regex.Replace(
            at, "\"id\":\"([0-9a-f-]*)\"", found => $"\"id\":\"{found.Groups[1].Value.ToUpperInvariant()}\"")),
        ["a time with seven digits"] = (lines, at) => Event(lines, at, "Z\",\"actor\"", "0Z\",\"actor\""),
        ["a time with an offset"] = (lines, at) => Event(lines, at, "Z\",\"actor\"", "+00:00\",\"actor\""),
        ["a sequence with a fraction"] = (lines, at) => Event(lines, at, ",\"portfolioId\"", ".0,\"portfolioId\""),
        ["another sequence"] = (lines, at) => Event(lines, at, "{\"sequence\":", "{\"sequence\":9"),
        ["another index"] = (lines, at) => Event(lines, at, "\"index\":", "\"index\":1"),
        ["no index"] = (lines, at) => Set(lines, lines.IndexOf(at), Regex.Replace(
            at, "\"index\":[0-9]*,\"gap\":\\[[^]]*\\],", "")),
        ["a node too many"] = (lines, at) => Event(lines, at, "\"gap\":[", $"\"gap\":[\"{new string('0', 64)}\","),
        ["a gap of nothing"] = (lines, at) => Set(lines, lines.IndexOf(at), Regex.Replace(
            at, "\"gap\":\\[.+\\],\"data\"", "\"gap\":[],\"data\"")),
        ["another anchor"] = (lines, _) => First(lines, "\"size\":", "\"size\":1"),
        ["no anchor"] = (lines, _) => Set(lines, 0, Regex.Replace(lines[0], ",\"size\":[0-9]*", "")),
        ["no proof of the end"] = (lines, _) => Set(lines, lines.Count - 1, Regex.Replace(
            lines[^1], "\"gap\":\\[.*?\\]", "\"gap\":[]")),
        ["no head"] = (lines, _) => Set(lines, lines.Count - 1, Regex.Replace(lines[^1], ",\"head\":\\[.*?\\]", "")),
        ["another head"] = (lines, _) => Last(lines, "\"head\":[\"", "\"head\":[\"0", 1),
        ["an empty line"] = (lines, at) => Insert(lines, at, ""),
        ["a line of nothing"] = (lines, at) => Insert(lines, at, "{}"),
        ["a line of a list"] = (lines, at) => Insert(lines, at, "[]"),
        ["a line of a number"] = (lines, at) => Insert(lines, at, "5"),
        ["the first line again"] = (lines, at) => Insert(lines, at, lines[0]),
        ["the last line before the end"] = (lines, at) => Insert(lines, at, lines[^1]),
        ["more behind the end"] = (lines, _) => Set(lines, lines.Count - 1, $"{lines[^1]}\n{lines[1]}"),
        ["no last line"] = (lines, _) => lines.RemoveAt(lines.Count - 1),
        ["no events"] = (lines, _) => Emptied(lines),
        ["a mark of the byte order"] = (lines, _) => Set(lines, 0, $"\uFEFF{lines[0]}"),
        ["lists in lists"] = (lines, at) => Event(lines, at, "\"data\":", $"\"data\":{new string('[', 100_000)}"),
    };

    public static TheoryData<string> AllAsked() => [.. ForgedLedger.Asked];

    public static TheoryData<string, string> AllForgeries() => Each(Forgeries.Keys);

    public static TheoryData<string, string> AllScribbles() => Each(Scribbles.Keys);

    [Theory]
    [MemberData(nameof(AllAsked))]
    public async Task what_the_ledger_exports_is_taken_for_what_it_is_and_for_nothing_else(string asked)
    {
        var export = await ledger.Export(asked);

        foreach (var other in ForgedLedger.Asked)
        {
            var scope = ledger.Scope(other);
            ledger.OursTakes(export, scope, out var ours).ShouldBe(other == asked, $"{other}: {ours}");
            ledger.TheirsTakes(export, scope, out var theirs).ShouldBe(other == asked, $"{other}: {theirs}");
            if (other == asked)
                (ours, theirs.Contains("by no anchor", StringComparison.Ordinal)).ShouldBe(("0 not anchored", false));
        }
    }

    // So that what follows is found for what was done, and not because the forger's files are none.
    [Theory]
    [MemberData(nameof(AllAsked))]
    public async Task a_forger_who_changes_nothing_writes_what_the_ledger_exports(string asked)
    {
        var forged = ledger.Forge().Write(ledger.Scope(asked));

        forged.ShouldBe(await ledger.Export(asked));
    }

    [Theory]
    [MemberData(nameof(AllForgeries))]
    public void a_forged_log_with_all_computed_anew_is_found_by_both(string asked, string forgery)
    {
        foreach (var hasTrueProofs in (bool[])[false, true])
        {
            var forger = ledger.Forge();
            forger.HasTrueProofs = hasTrueProofs;
            var size = forger.Events.Count;
            Forgeries[forgery](forger, forger.Events.Find(e => e.Sequence == ledger.Target)!);
            KeepSize(forger, size);

            IsFound(forger.Write(ledger.Scope(asked)), ledger.Scope(asked));
        }
    }

    [Theory]
    [MemberData(nameof(AllAsked))]
    public async Task foreign_content_under_any_claim_is_found_by_both(string asked)
    {
        var right = await ledger.Export(asked);
        foreach (var content in ForgedLedger.Asked)
        {
            var lines = ledger.Forge().Write(ledger.Scope(content), claimed: ledger.Scope(asked));
            // In the span nobody but the portfolio did anything, so it is what is asked for.
            if (!lines.SequenceEqual(right))
                IsFound(lines, ledger.Scope(asked));
        }
    }

    [Theory]
    [MemberData(nameof(AllScribbles))]
    public async Task a_file_in_which_anything_was_scribbled_is_found_by_both(string asked, string scribble)
    {
        var scope = ledger.Scope(asked);
        var lines = await ledger.Export(asked);
        var before = lines.ToList();
        var target = lines.Find(line => line.StartsWith($"{{\"sequence\":{ledger.Target},", StringComparison.Ordinal))!;

        Scribbles[scribble](lines, target);

        // What there is nothing of in the file cannot be changed.
        if (!lines.SequenceEqual(before))
            IsFound(lines, scope);
    }

    [Fact]
    public void any_forgeries_together_are_found()
    {
        var any = from asked in Gen.Elements(ForgedLedger.Asked)
                  from seeds in Gen.ArrayOf(Gen.Choose(0, int.MaxValue - 1), 3)
                  from count in Gen.Choose(1, 3)
                  from hasTrueProofs in Gen.Elements(false, true)
                  select (asked, seeds, count, hasTrueProofs);
        Property.Holds(
            any,
            forged =>
            {
                var forger = ledger.Forge();
                forger.HasTrueProofs = forged.hasTrueProofs;
                var size = forger.Events.Count;
                var within = forger.Write(ledger.Scope(forged.asked)).Skip(1).SkipLast(1).Select(ForgedEvent.Of)
                    .Select(e => e.Sequence).ToList();
                // Each its own, as a forgery of a forgery may be the truth.
                foreach (var seed in forged.seeds.Take(forged.count).DistinctBy(seed => seed % within.Count))
                {
                    var target = forger.Events.Find(e => e.Sequence == within[seed % within.Count])!;
                    Forgeries.Values.ElementAt(seed / 7 % OfOneEvent)(forger, target);
                }
                KeepSize(forger, size);
                var lines = forger.Write(ledger.Scope(forged.asked));

                ledger.OursTakes(lines, ledger.Scope(forged.asked), out var ours).ShouldBeFalse(ours);
            },
            tests: 200);
    }

    private void IsFound(List<string> lines, ExportScope asked)
    {
        ledger.OursTakes(lines, asked, out var ours).ShouldBeFalse(ours);
        ledger.TheirsTakes(lines, asked, out var theirs).ShouldBeFalse(theirs);
    }

    // A tree of another size would be found by that alone, so he makes it fit with what nobody asks for.
    private static void KeepSize(Forger forger, int size)
    {
        while (forger.Events.Count > size)
            forger.Events.RemoveAt(0);
        while (forger.Events.Count < size)
            forger.Events.Insert(0, forger.Events[0] with { Sequence = forger.Events[0].Sequence - 1 });
    }

    private static TheoryData<string, string> Each(IEnumerable<string> names)
    {
        var data = new TheoryData<string, string>();
        foreach (var name in names)
        {
            foreach (var asked in ForgedLedger.Asked)
                data.Add(asked, name);
        }
        return data;
    }

    private static void First(List<string> lines, string part, string by) => Set(lines, 0, In(lines[0], part, by, 0));

    private static void Last(List<string> lines, string part, string by, int over = 0) =>
        Set(lines, lines.Count - 1, In(lines[^1], part, by, over));

    private static void Event(List<string> lines, string at, string part, string by, int over = 0) =>
        Set(lines, lines.IndexOf(at), In(at, part, by, over));

    // The first place of it, and some letters behind it, so that what is written there has the length it had.
    private static string In(string line, string part, string by, int over)
    {
        var at = line.IndexOf(part, StringComparison.Ordinal);
        return at < 0 ? line : line[..at] + by + line[(at + part.Length + over)..];
    }

    private static void Set(List<string> lines, int at, string line) => lines[at] = line;

    private static void Insert(List<string> lines, string before, string line) =>
        lines.Insert(lines.IndexOf(before), line);

    private static void Emptied(List<string> lines)
    {
        lines.RemoveRange(1, lines.Count - 2);
        Set(lines, 1, Regex.Replace(lines[1], "\"events\":[0-9]*,\"lastSequence\":[0-9]*",
            "\"events\":0,\"lastSequence\":0"));
    }
}

using System.Collections;
using Bifrost.Domain.Portfolios;
using Bifrost.Domain.Tests;
using Bifrost.Replay.TimeTravel;

namespace Bifrost.Replay.Tests.TimeTravel;

/// <summary>A snapshot has all of a state: whoever goes on from it decides as one who never stopped.</summary>
public sealed class StateJsonTests
{
    [Fact]
    public void a_state_is_read_back_with_every_member_that_it_had() => Property.Holds(Scenario.Any, scenario =>
    {
        var state = scenario.Run().State;

        Same(state, StateJson.Read(StateJson.Write(state)), nameof(Portfolio));
    });

    // By members and elements, because equality of collections is that of references.
    private static void Same(object? one, object? other, string path)
    {
        if (one is null || one is string || one.GetType().IsPrimitive || one.GetType().Namespace == nameof(System))
        {
            other.ShouldBe(one, path);
            return;
        }
        if (one is IDictionary known)
        {
            var read = (IDictionary)other!;
            read.Count.ShouldBe(known.Count, path);
            foreach (DictionaryEntry entry in known)
                Same(entry.Value, read[entry.Key], $"{path}[{entry.Key}]");
            return;
        }
        if (one is IEnumerable some)
        {
            var (all, read) = (some.Cast<object>().ToList(), ((IEnumerable)other!).Cast<object>().ToList());
            read.Count.ShouldBe(all.Count, path);
            foreach (var (index, element) in all.Index())
                Same(element, read[index], $"{path}[{index}]");
            return;
        }
        other.ShouldNotBeNull(path);
        foreach (var member in one.GetType().GetProperties().Where(p => p.GetIndexParameters().Length == 0))
            Same(member.GetValue(one), member.GetValue(other), $"{path}.{member.Name}");
    }
}

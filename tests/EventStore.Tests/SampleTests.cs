using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Bifrost.Domain;

namespace Bifrost.EventStore.Tests;

/// <summary>
/// The stored form of each event, committed: Samples/ALIAS.json has one event a line. A file that changes is a changed
/// format, which the log's old events do not follow; BIFROST_WRITE_SAMPLES=1 writes the files anew.
/// </summary>
public sealed class SampleTests
{
    private const string Changed = "Old events are stored otherwise: add an optional member, or make a new event.";

    private static readonly ILookup<string, LedgerEvent> Facts =
        PortfolioFacts.All.Concat(OrderFacts.All).Concat(HoldingFacts.All).Concat(TradeFacts.All)
            .ToLookup(fact => EventCatalog.Of(fact).Alias);

    // Stored by their names, every one of which may stand in an old event.
    private static readonly Type[] Words =
    [
        typeof(LotMethod), typeof(OrderSide), typeof(OrderType), typeof(TimeInForce), typeof(FundingType),
        typeof(RejectionCode),
    ];

    public static TheoryData<string> Aliases() => [.. EventCatalog.All.Select(type => type.Alias)];

    [Theory]
    [MemberData(nameof(Aliases))]
    public void an_event_is_written_exactly_as_its_sample(string alias) =>
        Written(alias).ShouldBe(Sample($"{alias}.json", Written(alias)), Changed);

    [Theory]
    [MemberData(nameof(Aliases))]
    public void a_sample_is_read_and_written_again_without_a_change(string alias)
    {
        foreach (var line in Sample($"{alias}.json", Written(alias)).Split('\n')[1..^2])
        {
            var stored = line.TrimEnd(',');
            EventCatalog.Write(EventCatalog.Read(alias, Encoding.UTF8.GetBytes(stored), 1)).ShouldBe(stored);
        }
    }

    [Theory]
    [MemberData(nameof(Aliases))]
    public void the_first_sample_of_an_event_has_every_member(string alias)
    {
        var type = EventCatalog.All.Single(type => type.Alias == alias).Writing;

        Facts[alias].ShouldNotBeEmpty($"Add a {alias} to Facts/.");
        var sample = JsonNode.Parse(EventCatalog.Write(Facts[alias].First()))!;
        Absent(type, sample, "").ShouldBeEmpty();
    }

    [Fact]
    public void an_event_without_a_member_that_it_must_have_is_not_read() =>
        Should.Throw<UnreadableEventException>(() =>
            EventCatalog.Read("cash_deposited", """{"portfolioId":3,"occurredAt":"2026-03-02T14:30:00+00:00"}"""u8, 1));

    [Fact]
    public void words_that_are_stored_are_not_renamed()
    {
        var words = Words.Select(type => $"\"{type.Name}\":{JsonSerializer.Serialize(Enum.GetNames(type))}");
        var text = $"{{\n{string.Join(",\n", words)}\n}}\n";

        text.ShouldBe(Sample("words.json", text), Changed);
    }

    [Fact]
    public void there_is_no_sample_of_an_event_that_does_not_exist() =>
        Directory.GetFiles(PathOf(""), "*.json").Select(Path.GetFileNameWithoutExtension)
            // Those of older shapes have a number: see UpcastTests.
            .Where(name => !name!.Contains('.'))
            .ShouldBe(EventCatalog.All.Select(type => type.Alias).Append("words"), ignoreOrder: true);

    // One event a line, so that a difference shows the event.
    private static string Written(string alias) =>
        $"[\n{string.Join(",\n", Facts[alias].Select(EventCatalog.Write))}\n]\n";

    private static string Sample(string file, string written)
    {
        if (Environment.GetEnvironmentVariable("BIFROST_WRITE_SAMPLES") == "1")
            File.WriteAllText(PathOf(file), written);
        File.Exists(PathOf(file)).ShouldBeTrue($"There is no Samples/{file}: write it with BIFROST_WRITE_SAMPLES=1.");
        return File.ReadAllText(PathOf(file));
    }

    private static IEnumerable<string> Absent(JsonTypeInfo type, JsonNode sample, string path)
    {
        // What is only computed is not stored.
        var stored = type.Properties.Where(member => member.Set is not null || member.AssociatedParameter is not null);
        foreach (var member in stored)
        {
            var (name, value) = ($"{path}.{member.Name}", sample[member.Name]);
            if (value is null)
                yield return name;
            else
            {
                foreach (var inner in AbsentInside(type.Options.GetTypeInfo(member.PropertyType), value, name))
                    yield return inner;
            }
        }
    }

    private static IEnumerable<string> AbsentInside(JsonTypeInfo type, JsonNode value, string path) =>
        (type.Kind, value) switch
        {
            (JsonTypeInfoKind.Object, _) => Absent(type, value, path),
            (JsonTypeInfoKind.Enumerable, JsonArray { Count: 0 }) => [$"{path}[]"],
            (JsonTypeInfoKind.Enumerable, JsonArray items) =>
                AbsentInside(type.Options.GetTypeInfo(type.ElementType!), items[0]!, $"{path}[]"),
            _ => [],
        };

    internal static string PathOf(string file)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "EventStore.Tests.csproj")))
            folder = folder.Parent ?? throw new InvalidOperationException("The tests run outside of their project.");
        return Path.Combine(folder.FullName, "Samples", file);
    }
}

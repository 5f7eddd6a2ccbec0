using System.Text.RegularExpressions;

namespace Bifrost.Tidy.Tests;

/// <summary>The containers that tests and scripts start are those of docker-compose.yml.</summary>
public sealed partial class ImageTests
{
    private const string Compose = "docker-compose.yml";

    [Fact]
    public void an_image_has_the_same_tag_wherever_it_is_named() => House.Holds(Tags);

    [Fact]
    public void the_harness_names_images_of_the_compose_file() =>
        Repository.Sources.Where(file => file.IsIn("tests/Harness")).SelectMany(file => Image().Matches(file.Text))
            .Select(image => image.Groups[1].Value).ShouldBe(["timescale/timescaledb", "redis"], ignoreOrder: true);

    [Theory]
    [InlineData("image=redis:7", 0)]
    [InlineData("const string RedisImage = \"redis:6\";", 1)]
    [InlineData("image: redis:latest", 1)]
    [InlineData("image=postgres:17", 1)]
    public void another_tag_is_found(string text, int count) =>
        TagsIn(new PlainFile("a.sh", text), new Dictionary<string, string> { ["redis"] = "7" }).Count().ShouldBe(count);

    internal static IEnumerable<Offence> Tags()
    {
        var known = Image().Matches(Repository.File(Compose).Text)
            .ToDictionary(image => image.Groups[1].Value, image => image.Groups[2].Value);
        return Repository.Files.Where(file => file.IsIn("scripts") || file.IsIn("tests/Harness"))
            .SelectMany(file => TagsIn(file, known));
    }

    private static IEnumerable<Offence> TagsIn(TextFile file, Dictionary<string, string> known) =>
        from Match image in Image().Matches(file.Text)
        where known.GetValueOrDefault(image.Groups[1].Value) != image.Groups[2].Value
        select new Offence(file.Path, file.LineAt(image.Index), $"{image.Value} is not in {Compose}: name what is.");

    [GeneratedRegex("""\w*[Ii]mage ?[:=] ?"?([a-z][\w./-]*):(\w[\w.-]*)""")]
    private static partial Regex Image();
}

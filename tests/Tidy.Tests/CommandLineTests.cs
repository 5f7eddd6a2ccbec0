using System.CommandLine;
using System.Text.RegularExpressions;

namespace Bifrost.Tidy.Tests;

/// <summary>What documents and helps say about <c>./bifrost</c>, held to what it understands.</summary>
public sealed partial class CommandLineTests
{
    private static readonly string[] OfEveryBenchmark = ["--save"];

    [Fact]
    public void commands_and_options_that_texts_name_exist() => House.Holds(Names);

    [Fact]
    public void examples_are_understood_as_they_stand() => House.Holds(Examples);

    [Fact]
    public void options_that_the_readme_names_beside_a_command_are_of_that_command() => House.Holds(Beside);

    [Fact]
    public void variables_that_texts_name_are_read_somewhere() => House.Holds(Variables);

    [Fact]
    public void the_help_lists_every_command_and_no_other() => House.Holds(ListedCommands);

    [Fact]
    public void the_help_of_run_lists_every_option_of_the_server() =>
        OptionLine().Matches(EntryScript.Usage("scripts/run.sh")).Select(match => match.Groups[1].Value)
            .ShouldBe(
                EntryScript.OptionsOf(EntryScript.Operator.Subcommands.Single(command => command.Name == "serve")),
                ignoreOrder: true);

    [Fact]
    public void the_help_of_bench_lists_every_benchmark_with_its_options()
    {
        var listed = BenchmarkLines().Matches(EntryScript.Usage("scripts/bench.sh"))
            .Select(match => $"{match.Groups[1].Value} {Sorted(match.Groups[2].Value.Split(' '))}");
        var names = EntryScript.Benchmarks.Subcommands.Select(command => command.Name).ToList();

        listed.ShouldBe(EntryScript.Benchmarks.Subcommands.Select(command =>
            $"{command.Name} {Sorted(EntryScript.OptionsOf(command).Except(OfEveryBenchmark))}"));
        Repository.File("scripts/bench.sh").Text.ShouldContain($"\nbenchmarks='{string.Join(' ', names)}'\n");
        EntryScript.Usage("bifrost").ShouldContain($" run the benchmarks: {string.Join(' ', names)}\n");
    }

    [Theory]
    [InlineData("Try `./bifrost migrate`.", "there is no ./bifrost migrate: name one there is.")]
    [InlineData("Try `./bifrost replay\nverify --all`.", "'verify' has no --all: name one there is.")]
    [InlineData("Try `./bifrost market retention|rolldown`.", "'market' has no 'rolldown': name one there is.")]
    [InlineData("Try `./bifrost db drop`.", "./bifrost db has no drop: name one there is.")]
    [InlineData("Try `./bifrost test --only`.", "./bifrost test has no --only: name one there is.")]
    [InlineData("Try `./bifrost bench replay --event 1`.", "'replay' has no --event: name one there is.")]
    [InlineData("Try `./bifrost run --feed none`, `./bifrost db psql -c X`, `./bifrost replay show --until 5`.", null)]
    public void a_name_that_does_not_exist_is_found(string text, string? advice) =>
        NamesIn(new PlainFile("README.md", text)).Select(offence => offence.Advice)
            .ShouldBe(advice is null ? [] : [advice]);

    [Theory]
    [InlineData("./bifrost keys create", "--name")]
    [InlineData("./bifrost bench commands --scenarios spread,sprad  # twice", "sprad")]
    [InlineData("./bifrost run --poll 'https://example.org/bars?s={symbol}' --poll-symbols ORCL KO", null)]
    [InlineData("./bifrost ingest FILE… --interval min|hour|day", null)]
    public void an_example_that_would_be_refused_is_found(string line, string? because)
    {
        var found = ExamplesIn(new PlainFile("README.md", $"```sh\n{line}\n```\n")).Select(offence => offence.Advice);

        if (because is null)
            found.ShouldBeEmpty();
        else
            string.Join('\n', found).ShouldContain(because);
    }

    internal static IEnumerable<Offence> Names() => Texts.SelectMany(NamesIn);

    internal static IEnumerable<Offence> Examples() => Texts.SelectMany(ExamplesIn);

    internal static IEnumerable<Offence> Beside()
    {
        var page = Repository.File("README.md");
        foreach (var (index, line) in page.Lines.Index())
        {
            var commands = Mention.In(new PlainFile(page.Path, line)).Select(mention => mention.Words).ToList();
            foreach (var option in QuotedOption().Matches(line).Select(match => match.Value))
            {
                if (commands.Count > 0 && commands.All(words => EntryScript.Unknown([.. words, option]) is not null))
                    yield return new Offence(page.Path, index + 1, $"{option} is of none of its commands: correct it.");
            }
        }
    }

    internal static IEnumerable<Offence> Variables()
    {
        var sources = Repository.Files.Where(file => file.Is("cs") || file.Is("sh"));
        var code = string.Concat(sources.Select(EntryScript.Code));
        return
            from page in Texts
            from Match match in Variable().Matches(page.Text)
            where !Regex.IsMatch(code, $@"(""|\$|\$\{{){match.Value}\b")
            select new Offence(page.Path, page.LineAt(match.Index), $"nothing reads {match.Value}: correct the name.");
    }

    internal static IEnumerable<Offence> ListedCommands()
    {
        var usage = EntryScript.Usage("bifrost");
        foreach (var name in EntryScript.HandedOn.Except(EntryScript.OperatorNames))
            yield return new Offence("bifrost", 1, $"hands '{name}' on to a program that does not have it.");
        foreach (var name in EntryScript.OperatorNames.Except(EntryScript.HandedOn))
            yield return new Offence("bifrost", 1, $"does not hand '{name}' on to the program that has it.");
        foreach (var name in EntryScript.OperatorNames)
        {
            var command = EntryScript.Operator.Subcommands.Single(command => command.Name == name);
            var parts = command.Subcommands.Where(part => !part.Hidden).Select(part => part.Name).ToList();
            var line = usage.Split('\n').SingleOrDefault(line => line.StartsWith($"  ./bifrost {name} ")) ?? "";
            var listed = parts.Count == 0 ? [] : line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[2].Split('|');
            if (line.Length == 0 || parts.Except(listed).Any())
                yield return new Offence("bifrost", 1, $"its help should list {name} {string.Join('|', parts)}.");
        }
    }

    internal static IEnumerable<Offence> NamesIn(TextFile page) =>
        from mention in Mention.In(page)
        let unknown = EntryScript.Unknown(mention.Words)
        where unknown is not null
        select new Offence(page.Path, mention.Line, unknown);

    internal static IEnumerable<Offence> ExamplesIn(TextFile page) =>
        from mention in Mention.In(page)
        where mention.IsExample
        from error in EntryScript.Errors(mention.Words)
        select new Offence(page.Path, mention.Line, $"{string.Join(' ', mention.Words)}: {error}");

    // Helps are files here, named by where they come from.
    private static IEnumerable<TextFile> Texts =>
    [
        .. DocumentTests.Pages,
        .. Repository.Files.Where(file => file.Path == "bifrost" || (file.IsIn("scripts") && file.Is("sh")))
            .Select(file => new PlainFile(file.Path, EntryScript.Usage(file.Path))),
        .. Helps(EntryScript.Operator, "src/Cli"),
        .. Helps(EntryScript.Benchmarks, "bench"),
    ];

    private static IEnumerable<TextFile> Helps(Command command, string folder) =>
    [
        new PlainFile($"{folder}, {command.Name} --help", command.Description ?? ""),
        .. command.Options.Select(option => new PlainFile(
            $"{folder}, {command.Name} {option.Name}", option.Description ?? "")),
        .. command.Subcommands.SelectMany(part => Helps(part, folder)),
    ];

    private static string Sorted(IEnumerable<string> words) => string.Join(' ', words.Order(StringComparer.Ordinal));

    [GeneratedRegex(@"^  (--[a-z-]+) ", RegexOptions.Multiline)]
    private static partial Regex OptionLine();

    [GeneratedRegex(@"^  ([a-z-]+) +.*\n +(--.+)$", RegexOptions.Multiline)]
    private static partial Regex BenchmarkLines();

    [GeneratedRegex(@"(?<=`)--[a-z][a-z-]*")]
    private static partial Regex QuotedOption();

    [GeneratedRegex(@"\bBIFROST_[A-Z_]+\b")]
    private static partial Regex Variable();
}

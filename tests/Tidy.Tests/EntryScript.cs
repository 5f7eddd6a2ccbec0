using System.CommandLine;
using System.Text.RegularExpressions;
using Bifrost.Bench;
using Bifrost.Cli;

namespace Bifrost.Tidy.Tests;

/// <summary>What <c>./bifrost</c> understands: itself, or one of the two programs behind it.</summary>
internal static partial class EntryScript
{
    public static readonly RootCommand Operator = OperatorCommands.Create();

    public static readonly RootCommand Benchmarks = BenchCommands.Create();

    // The script starts the one, and applies the other before any command.
    private static readonly string[] CalledByScript = ["serve", "schema"];

    private static readonly string[] OfEverything = ["--help", "--version"];

    /// <summary>The words that the script dispatches on.</summary>
    public static IReadOnlySet<string> Commands { get; } = Dispatched().Matches(Repository.File("bifrost").Text)
        .SelectMany(match => match.Groups[1].Value.Split('|', StringSplitOptions.TrimEntries)).ToHashSet();

    /// <summary>Those that it hands on to the operator's tool.</summary>
    public static IEnumerable<string> HandedOn =>
        Commands.Except(["help", "--help", "-h", "run", "test", "bench", "db"]);

    /// <summary>Those that it has to hand on.</summary>
    public static IEnumerable<string> OperatorNames =>
        Operator.Subcommands.Where(command => !command.Hidden).Select(command => command.Name).Except(CalledByScript);

    /// <summary>The text of a help that the script prints by itself.</summary>
    public static string Usage(string path) => Heredoc().Match(Repository.File(path).Text).Groups[1].Value;

    /// <summary>What the script does with its words, without what it says about them.</summary>
    public static string Code(TextFile file) => Heredoc().Replace(file.Text, "");

    /// <summary>What is wrong with the names of commands and options; null where all exist.</summary>
    /// <param name="words">What stands after ./bifrost; after the name of a command it may be prose.</param>
    public static string? Unknown(IReadOnlyList<string> words)
    {
        if (words.Count == 0 || !Word().IsMatch(words[0]))
            return null;
        if (!Commands.Contains(words[0]))
            return $"there is no ./bifrost {words[0]}: name one there is.";
        var options = words.SelectMany(word => OptionName().Matches(word)).Select(match => match.Value)
            .Except(OfEverything);
        return Program(words[0]) is { } program
            ? UnknownOf(program, words.Skip(1), options)
            : UnknownOfScript(words, options);
    }

    /// <summary>What the program says about a whole command line; nothing where it would do it.</summary>
    public static IEnumerable<string> Errors(IReadOnlyList<string> words) => words[0] switch
    {
        "bench" => Benchmarks.Parse([.. words.Skip(1)]).Errors.Select(error => error.Message),
        "run" => Operator.Parse(["serve", .. words.Skip(1)]).Errors.Select(error => error.Message),
        _ when HandedOn.Contains(words[0]) => Operator.Parse(words).Errors.Select(error => error.Message),
        _ => Unknown(words) is { } unknown ? [unknown] : [],
    };

    public static IEnumerable<string> OptionsOf(Command command) =>
        command.Options.Where(option => !option.Hidden).Select(option => option.Name).Except(OfEverything);

    private static Command? Program(string name) => name switch
    {
        "bench" => Benchmarks,
        "run" => Operator.Subcommands.Single(command => command.Name == "serve"),
        _ => Operator.Subcommands.SingleOrDefault(command => command.Name == name),
    };

    private static string? UnknownOf(Command command, IEnumerable<string> words, IEnumerable<string> options)
    {
        foreach (var word in words.TakeWhile(word => Word().IsMatch(word)))
        {
            if (command.Subcommands.Count == 0)
                break;
            var named = word.Split('|').Select(
                name => (Name: name, Found: command.Subcommands.SingleOrDefault(part => part.Name == name))).ToList();
            if (named.FirstOrDefault(part => part.Found is null).Name is { } missing)
                return $"'{command.Name}' has no '{missing}': name one there is.";
            // After several names options may be of any of them, and there are none.
            command = named[0].Found!;
        }
        var unknown = options.FirstOrDefault(name => !HasOption(command, name));
        return unknown is null ? null : $"'{command.Name}' has no {unknown}: name one there is.";
    }

    // Before the name of a part an option may be of any part.
    private static bool HasOption(Command command, string name) =>
        OptionsOf(command).Contains(name) || command.Subcommands.Any(part => HasOption(part, name));

    private static string? UnknownOfScript(IReadOnlyList<string> words, IEnumerable<string> options)
    {
        if (!Repository.Has($"scripts/{words[0]}.sh"))
            return null;
        var code = Code(Repository.File($"scripts/{words[0]}.sh"));
        if (words[0] == "db" && words.Count > 1 && Word().IsMatch(words[1]) && !code.Contains($"db_{words[1]}() {{"))
            return $"./bifrost db has no {words[1]}: name one there is.";
        var unknown = options.FirstOrDefault(name => !Regex.IsMatch(code, $@"(?<![\w-]){name}(?![\w-])"));
        return unknown is null ? null : $"./bifrost {words[0]} has no {unknown}: name one there is.";
    }

    [GeneratedRegex(@"^([a-z |-]+)\)$", RegexOptions.Multiline)]
    private static partial Regex Dispatched();

    [GeneratedRegex(@"^[a-z][a-z|-]*$")]
    private static partial Regex Word();

    [GeneratedRegex(@"(?<![\w-])--[a-z][a-z-]*")]
    private static partial Regex OptionName();

    [GeneratedRegex(@"<<'USAGE'\n(.*?\n)USAGE\n", RegexOptions.Singleline)]
    private static partial Regex Heredoc();
}

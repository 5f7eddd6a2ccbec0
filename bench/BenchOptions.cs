using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace Bifrost.Bench;

/// <summary>Options as benchmarks have them, which say what is wrong instead of failing later.</summary>
internal static class BenchOptions
{
    private static readonly char[] Separators = [',', ' '];

    /// <summary>A number of something, at least one.</summary>
    public static Option<int> Count(string name, int otherwise, string description) =>
        AtLeast(1, name, otherwise, description);

    public static Option<int> AtLeast(int least, string name, int otherwise, string description)
    {
        var option = new Option<int>(name)
        {
            Description = description, HelpName = "N", DefaultValueFactory = _ => otherwise,
        };
        option.Validators.Add(result =>
        {
            // What is no number at all the parser tells by itself.
            if (result.Tokens.Count == 1 && int.TryParse(result.Tokens[0].Value, out var given) && given < least)
                result.AddError($"{name} has to be at least {least}, not {given}.");
        });
        return option;
    }

    /// <summary>Numbers with commas or spaces between.</summary>
    public static Option<int[]> Counts(string name, int[] otherwise, string description) => new(name)
    {
        Description = $"{description}, with commas or spaces between.",
        HelpName = "N,N",
        DefaultValueFactory = _ => otherwise,
        AllowMultipleArgumentsPerToken = true,
        CustomParser = parsed =>
        [
            .. Words(parsed).Select(word =>
            {
                if (int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0)
                    return number;
                parsed.AddError($"{name} takes numbers from 1 on, not '{word}'.");
                return 0;
            }),
        ],
    };

    /// <summary>Some of the names that there are, with commas or spaces between; without the option all.</summary>
    /// <param name="kind">What the names are of.</param>
    public static Option<string[]> Names(string name, string kind, string[] all) => new(name)
    {
        Description = "Which to run, with commas or spaces between.",
        HelpName = "NAME,NAME",
        DefaultValueFactory = _ => all,
        AllowMultipleArgumentsPerToken = true,
        CustomParser = parsed =>
        {
            var words = Words(parsed);
            foreach (var unknown in words.Except(all))
                parsed.AddError($"There is no {kind} '{unknown}'; there are {string.Join(", ", all)}.");
            return words;
        },
    };

    /// <summary>Places of servers, with spaces between; without the option none.</summary>
    public static Option<Uri[]> Servers(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "URL",
        DefaultValueFactory = _ => [],
        AllowMultipleArgumentsPerToken = true,
        CustomParser = parsed =>
        [
            .. Words(parsed).SelectMany<string, Uri>(word =>
            {
                // As the load is written by hand, it goes over plain connections.
                if (Uri.TryCreate(word, UriKind.Absolute, out var url) && url.Scheme == Uri.UriSchemeHttp)
                    return [url];
                parsed.AddError($"{name} takes places like http://127.0.0.1:8080, not '{word}'.");
                return [];
            }),
        ],
    };

    /// <param name="name">Of the benchmark, and of its file in bench/baselines.</param>
    public static Option<bool> Save(string name) =>
        new("--save") { Description = $"Write the result to bench/baselines/{name}.md." };

    private static string[] Words(ArgumentResult parsed) =>
    [
        .. parsed.Tokens.SelectMany(token => token.Value.Split(Separators, StringSplitOptions.RemoveEmptyEntries)),
    ];
}

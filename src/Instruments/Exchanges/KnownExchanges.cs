using System.Collections.Frozen;
using System.Reflection;

namespace Bifrost.Instruments.Exchanges;

/// <summary>The exchanges that come with the program, each a file of src/Instruments/Exchanges/Calendars.</summary>
public static class KnownExchanges
{
    private const string Folder = "calendars/";

    private static readonly FrozenDictionary<string, Exchange> ByCode = Read();

    /// <summary>In the order of their codes.</summary>
    public static IEnumerable<Exchange> All => ByCode.Values.OrderBy(exchange => exchange.Code, StringComparer.Ordinal);

    /// <summary>What a code may be, in a sentence about a field.</summary>
    public static string Rule { get; } = $"is one of {string.Join(", ", All.Select(exchange => exchange.Code))}.";

    /// <summary>The exchange of a code; null where there is none, or no code.</summary>
    public static Exchange? Find(string? code) => code is null ? null : ByCode.GetValueOrDefault(code);

    private static FrozenDictionary<string, Exchange> Read()
    {
        var assembly = Assembly.GetExecutingAssembly();
        var files = new Dictionary<string, CalendarFile>();
        foreach (var name in assembly.GetManifestResourceNames())
        {
            if (!name.StartsWith(Folder, StringComparison.Ordinal))
                continue;
            using var json = assembly.GetManifestResourceStream(name)!;
            var file = CalendarFile.Read(json);
            files.Add(file.Code, file);
        }
        return files.Values.ToFrozenDictionary(
            file => file.Code,
            file => new Exchange(file, file.CalendarOf is { } other ? files[other] : file));
    }
}

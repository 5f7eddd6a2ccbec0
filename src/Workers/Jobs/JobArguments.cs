using System.Text.Json;

namespace Bifrost.Workers.Jobs;

/// <summary>Reads the arguments of a job, and keeps what is wrong with them.</summary>
internal sealed class JobArguments(JsonElement arguments)
{
    private readonly List<string> problems = [];
    private readonly HashSet<string> known = new(StringComparer.Ordinal);

    /// <summary>What is wrong, in a sentence; null where nothing is. Also what was not asked for by now.</summary>
    public string? Problem
    {
        get
        {
            var unknown = arguments.EnumerateObject().Select(argument => argument.Name).Where(n => !known.Contains(n));
            string[] all = [.. problems, .. unknown.Select(name => $"{name} is no argument here")];
            return all.Length == 0 ? null : string.Join("; ", all) + ".";
        }
    }

    public string? Text(string name)
    {
        if (Find(name) is not { } value)
            return null;
        if (value.ValueKind == JsonValueKind.String)
            return value.GetString();
        problems.Add($"{name} is a text");
        return null;
    }

    public int? Id(string name)
    {
        if (Find(name) is not { } value)
            return null;
        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number > 0)
            return number;
        problems.Add($"{name} is a whole number above zero");
        return null;
    }

    public long? Sequence(string name)
    {
        if (Find(name) is not { } value)
            return null;
        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) && number > 0)
            return number;
        problems.Add($"{name} is a whole number above zero");
        return null;
    }

    public bool Flag(string name)
    {
        if (Find(name) is not { } value)
            return false;
        if (value.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
            problems.Add($"{name} is true or false");
        return value.ValueKind == JsonValueKind.True;
    }

    public void Add(string problem) => problems.Add(problem);

    private JsonElement? Find(string name)
    {
        known.Add(name);
        return arguments.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;
    }
}

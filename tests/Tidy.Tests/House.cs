using System.Text;

namespace Bifrost.Tidy.Tests;

/// <summary>A place that breaks a rule, and what to do about it.</summary>
internal sealed record Offence(string File, int Line, string Advice)
{
    public override string ToString() => $"{File}:{Line}: {Advice}";
}

/// <summary>A rule of the house, which looks at the whole repository.</summary>
internal delegate IEnumerable<Offence> Rule();

internal static class House
{
    /// <summary>Fails with every place that breaks the rule and is not excepted from it.</summary>
    public static void Holds(Rule rule)
    {
        var excepted = Exceptions.All.Where(exception => exception.Rule == rule).ToList();
        var offences = rule().Where(offence => !excepted.Any(exception => exception.Covers(offence))).ToList();
        if (offences.Count == 0)
            return;
        var message = new StringBuilder($"{offences.Count} found").AppendLine();
        foreach (var offence in offences)
            message.AppendLine($"{offence}");
        Assert.Fail(message.ToString());
    }
}

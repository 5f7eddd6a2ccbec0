namespace Bifrost.Tidy.Tests;

/// <summary>A place that may break a rule.</summary>
/// <param name="File">Its path from the root.</param>
/// <param name="Naming">A part of the advice that tells the place from others of the file.</param>
/// <param name="Reason">Why keeping the rule would be worse.</param>
internal sealed record Excepted(Rule Rule, string File, string Naming, string Reason)
{
    public bool Covers(Offence offence) =>
        offence.File == File && offence.Advice.Contains(Naming, StringComparison.Ordinal);
}

/// <summary>All exceptions there are. The list may only shrink.</summary>
internal static class Exceptions
{
    public static readonly IReadOnlyList<Excepted> All =
    [
        new(WordTests.Unfinished, "tests/Tidy.Tests/WordTests.cs", "", "The rule names the words that it looks for."),
    ];
}

public sealed class ExceptionTests
{
    [Fact]
    public void every_exception_is_still_needed()
    {
        var idle = Exceptions.All.Where(exception => !exception.Rule().Any(exception.Covers))
            .Select(exception => $"{exception.File}: keeps {exception.Rule.Method.Name} now; delete the exception.");
        idle.ShouldBeEmpty();
    }

    [Fact]
    public void every_exception_has_a_reason() =>
        Exceptions.All.ShouldAllBe(exception => exception.Reason.EndsWith('.'));
}

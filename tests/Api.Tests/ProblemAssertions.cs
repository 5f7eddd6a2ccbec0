using Bifrost.Harness;

namespace Bifrost.Api.Tests;

internal static class ProblemAssertions
{
    // What only the inside of the server has: stack frames, and names of its types.
    private static readonly string[] Insides = ["   at ", "Exception", "Bifrost.", "Npgsql", "System.", "Microsoft."];

    /// <summary>A problem as promised: its status, its media type, a stable type, and nothing of the inside.</summary>
    public static ApiAnswer ShouldBeProblem(this ApiAnswer answer, int status, string slug)
    {
        var text = answer.Body?.ToJsonString() ?? "";
        ((int)answer.Status).ShouldBe(status, text);
        answer.ContentType.ShouldBe("application/problem+json");
        answer.Text("type").ShouldBe($"/docs/errors#{slug}");
        answer.Text("title").ShouldBe(slug);
        answer["status"].GetValue<int>().ShouldBe(status);
        answer.Text("detail").ShouldNotBeNullOrWhiteSpace();
        foreach (var inside in Insides)
            text.ShouldNotContain(inside, Case.Sensitive);
        return answer;
    }

    /// <summary>The first answer again, and marked as such.</summary>
    public static void ShouldReplay(this ApiAnswer answer, ApiAnswer first)
    {
        answer.Body!.ToJsonString().ShouldBe(first.Body!.ToJsonString());
        answer.Status.ShouldBe(first.Status);
        answer.IsReplayed.ShouldBeTrue();
        first.IsReplayed.ShouldBeFalse();
    }

    /// <summary>Equal requests at one moment: one was applied, the others are told what it was told.</summary>
    public static ApiAnswer ShouldBeOneAndItsReplays(this IReadOnlyCollection<ApiAnswer> answers)
    {
        var first = answers.Where(answer => !answer.IsReplayed).ShouldHaveSingleItem();
        foreach (var replay in answers.Where(answer => answer.IsReplayed))
            replay.ShouldReplay(first);
        return first;
    }
}

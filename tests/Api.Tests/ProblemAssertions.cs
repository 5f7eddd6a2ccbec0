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
        Told(answer).ShouldBe(Told(first));
        answer.Status.ShouldBe(first.Status);
        answer.IsReplayed.ShouldBeTrue();
        first.IsReplayed.ShouldBeFalse();
    }

    // A refusal says that it is the recorded one.
    private static string Told(ApiAnswer answer)
    {
        const string Recorded = " (This is the answer that was recorded when it was first asked for; a new try needs a "
            + "new key.)";
        if (answer.Body!["detail"] is not { } detail || !answer.IsReplayed)
            return answer.Body.ToJsonString();
        detail.GetValue<string>().ShouldEndWith(Recorded);
        var body = answer.Body.DeepClone();
        body["detail"] = detail.GetValue<string>()[..^Recorded.Length];
        return body.ToJsonString();
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

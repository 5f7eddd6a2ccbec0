using Bifrost.Harness;

namespace Bifrost.Bench.Tests;

/// <summary>How the entry script's commands end.</summary>
public sealed class SessionTests : IDisposable
{
    private readonly string home = Directory.CreateTempSubdirectory("bifrost-session-").FullName;

    public void Dispose() => Directory.Delete(home, recursive: true);

    [Fact]
    public async Task the_last_line_of_the_tests_is_last_whatever_the_end_has_to_say()
    {
        var (exit, output, _) = await EntryScript.RunLines(["common", "session"], home,
            """
            exec 2>&1
            close_database() { say 'waiting …'; fail 'it does not stop'; }
            begin_session
            last_line='1 passed, 0 failed'
            exit 0
            """);

        output.Split('\n', StringSplitOptions.RemoveEmptyEntries).ShouldBe(
            ["bifrost: waiting …", "bifrost: it does not stop", "1 passed, 0 failed"]);
        exit.ShouldBe(1);
    }

    [Fact]
    public async Task a_server_that_removes_its_pid_file_while_it_is_read_is_gone_without_a_word()
    {
        Directory.CreateDirectory(Path.Combine(home, "data"));
        await File.WriteAllTextAsync(Path.Combine(home, "data", "postmaster.pid"), "1\n");

        var ended = await EntryScript.RunLines(["common", "postgres"], home,
            """
            area=$BIFROST_HOME
            sed() { rm -f -- "$area/data/postmaster.pid"; command sed "$@"; }
            server_pid || echo gone
            """);

        ended.ShouldBe((0, "gone\n", ""));
    }
}

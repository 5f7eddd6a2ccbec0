using Bifrost.Harness;

namespace Bifrost.Bench.Tests;

/// <summary>What ./bifrost test runs, and where.</summary>
public sealed class TestCommandTests : IDisposable
{
    // Tells what it would do instead of doing it.
    private const string Told =
        """
        begin_session() { :; }
        build() { :; }
        find_beancount() { :; }
        start_redis() { :; }
        run_project() { printf '%s\n' "run $*"; }
        summarize() { :; }
        """;

    private readonly string home = Directory.CreateTempSubdirectory("bifrost-test-command-").FullName;

    public void Dispose() => Directory.Delete(home, recursive: true);

    [Fact]
    public async Task the_quick_tests_are_those_that_the_help_lists()
    {
        var (exit, help, _) = await EntryScript.Run("test", "--help");
        var (_, output, error) = await Lines($"{Told}\nprovide_servers() {{ :; }}\ntest_command --quick");

        exit.ShouldBe(0);
        var runs = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ')).ToList();
        runs.Select(run => run[1]).ShouldBe((await Listed()).Select(listed => listed.Project), error);
        runs.ShouldContain(run => run.Length == 3 && run[2].Contains("|FullyQualifiedName~."), error);
        foreach (var (project, classes) in await Listed())
            help.ShouldContain($"\n  {project} {(classes.Length == 0 ? "(all of it)" : string.Join(' ', classes))}\n");
        error.ShouldContain("this was a part; ./bifrost test runs all");
    }

    [Fact]
    public async Task what_the_quick_tests_name_exists()
    {
        foreach (var (project, classes) in await Listed())
        {
            var folder = Path.Combine(EntryScript.Root, "tests", project);
            File.Exists(Path.Combine(folder, $"{project}.csproj")).ShouldBeTrue(project);
            foreach (var name in classes)
            {
                Directory.EnumerateFiles(folder, $"{name}.cs", SearchOption.AllDirectories)
                    .ShouldHaveSingleItem($"{project} {name}");
            }
        }
    }

    [Theory]
    [InlineData("--quick Domain")]
    [InlineData("--filter words --quick")]
    public async Task quick_tests_are_not_chosen_by_name(string arguments)
    {
        var (exit, _, error) = await EntryScript.Run(["test", .. arguments.Split(' ')]);

        exit.ShouldBe(2, error);
        error.ShouldContain("--quick chooses the tests itself");
    }

    // 0: the containers run; 1: no engine answers; 2: one does, and they do not start.
    [Theory]
    [InlineData("", 0, 0, "the tests use servers in containers")]
    [InlineData("", 1, 0, "the private ones")]
    [InlineData("", 2, 0, "its containers do not start; using the private servers instead")]
    [InlineData("containers", 0, 0, "the tests use servers in containers")]
    [InlineData("containers", 1, 1, "asks for containers, but no Docker engine answers")]
    [InlineData("containers", 2, 1, "that BIFROST_TEST_DATABASE asks for do not start")]
    [InlineData("private", 0, 0, "the private ones")]
    [InlineData("Host=db", 0, 0, "the tests use the server that BIFROST_TEST_DATABASE names")]
    public async Task servers_are_in_containers_where_an_engine_answers(string asked, int answer, int exit, string told)
    {
        var ended = await Lines(
            $$"""
            {{Told}}
            unset BIFROST_DATABASE BIFROST_POSTGRES
            BIFROST_TEST_DATABASE='{{asked}}'
            containers_log=/dev/null
            start_containers() { return {{answer}}; }
            use_private_database() { say 'the private ones'; }
            provide_servers
            """);

        ended.Exit.ShouldBe(exit, ended.Error);
        ended.Error.ShouldContain(told);
    }

    [Fact]
    public async Task no_engine_is_asked_where_another_server_was_chosen()
    {
        var (_, _, error) = await Lines(
            $$"""
            {{Told}}
            unset BIFROST_TEST_DATABASE
            start_containers() { say 'an engine was asked'; }
            use_private_database() { say 'the one that was chosen'; }
            BIFROST_POSTGRES=installed
            provide_servers
            """);

        error.ShouldContain("the one that was chosen");
        error.ShouldNotContain("an engine was asked");
    }

    private Task<(int Exit, string Output, string Error)> Lines(string lines) =>
        EntryScript.RunLines(["common", "test"], home, lines);

    private async Task<List<(string Project, string[] Classes)>> Listed()
    {
        var (_, output, _) = await Lines("quick_tests");
        return
        [
            .. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' '))
                .Select(words => (words[0], words[1..])),
        ];
    }
}

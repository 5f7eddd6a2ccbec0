using System.Security.Cryptography;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;

namespace Bifrost.Jobs.Tests;

/// <summary>What is sent with a job, and what it gives back.</summary>
public sealed class ContentTests(OneHost one) : IClassFixture<OneHost>
{
    private const int Part = 1024 * 1024;

    private readonly JobHost host = one.Host;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(Part)]
    [InlineData(Part + 1)]
    [InlineData(3 * Part)]
    public async Task what_is_sent_comes_back(int length)
    {
        var sent = RandomNumberGenerator.GetBytes(length);
        var asked = await SubmitContent(CopyBack, sent);

        var done = await host.Ended(asked.JobId);

        done.State.ShouldBe(JobState.Succeeded);
        (await Fetched(done)).ShouldBe(sent);
    }

    [Fact]
    public void what_is_written_piece_by_piece_is_what_is_read_piece_by_piece()
    {
        var pieces = Gen.Choose(0, 3 * Part / 2).ListOf().Where(lengths => lengths.Sum() <= 8 * Part);
        var cases = pieces.Zip(Gen.Choose(1, 2 * Part));
        var usual = Environment.GetEnvironmentVariable("BIFROST_TEST_CASES") is { Length: > 0 } ? 5 : 15;

        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(usual),
            Prop.ForAll(Arb.From(cases), pair => WriteAndRead([.. pair.Item1], pair.Item2).Wait()));
    }

    [Fact]
    public async Task only_the_attempt_that_succeeded_gives_anything_back()
    {
        var asked = await host.Submit(async (job, cancel) =>
        {
            await using var content = job.CreateContent();
            await content.WriteAsync(new byte[] { (byte)(job.Checkpoint is null ? 1 : 2) }, cancel);
            if (job.Checkpoint is not null)
                return null;
            await job.Save(Some.Json(1), cancel);
            throw new IOException("Not yet.");
        });

        var done = await host.Ended(asked.JobId);

        (done.State, done.Attempt).ShouldBe((JobState.Succeeded, 2));
        (await Fetched(done)).ShouldBe([2]);
    }

    [Fact]
    public async Task a_job_that_failed_or_wrote_nothing_gives_nothing_back()
    {
        var wrote = await host.Submit(async (job, cancel) =>
        {
            await using var content = job.CreateContent();
            await content.WriteAsync("half"u8.ToArray(), cancel);
            throw new JobFailedException("No more.");
        });
        var silent = await host.Submit((_, _) => Some.Nothing);

        foreach (var job in new[] { wrote, silent })
            (await host.Store.OpenResult(await host.Ended(job.JobId), CancellationToken.None)).ShouldBeNull();
    }

    [Fact]
    public async Task content_that_is_discarded_while_it_is_read_does_not_end_as_if_it_were_whole()
    {
        var asked = await SubmitContent(CopyBack, new byte[2 * Part]);
        var done = await host.Ended(asked.JobId);
        await using var content = (await host.Store.OpenResult(done, CancellationToken.None)).ShouldNotBeNull();
        await content.ReadExactlyAsync(new byte[Part]);

        (await host.Store.Discard(done.JobId, CancellationToken.None)).ShouldBeTrue();

        await Should.ThrowAsync<IOException>(() => content.CopyToAsync(Stream.Null));
    }

    [Fact]
    public async Task the_key_of_a_job_with_other_content_is_refused()
    {
        var request = new JobRequest(
            ScriptedKind.WithContent, ScriptedKind.Add(CopyBack), JobHost.Owner, "with content");
        var first = await host.Submit(request, [1, 2, 3]);

        var again = await host.Submit(request, [1, 2, 3]);
        byte[][] others = [[1, 2, 4], [1, 2], [1, 2, 3, 4], []];
        foreach (var other in others)
            await Should.ThrowAsync<JobRefusedException>(() => host.Submit(request, other));

        again.JobId.ShouldBe(first.JobId);
    }

    [Fact]
    public async Task content_is_sent_where_it_is_read_and_nowhere_else()
    {
        var script = ScriptedKind.Add(CopyBack);

        var missing = await Should.ThrowAsync<JobRefusedException>(
            () => host.Submit(new JobRequest(ScriptedKind.WithContent, script, JobHost.Owner)));
        var needless = await Should.ThrowAsync<JobRefusedException>(
            () => host.Submit(new JobRequest(ScriptedKind.Plain, script, JobHost.Owner), [1]));

        missing.Message.ShouldBe("A job of the kind scripted-content needs content.");
        needless.Message.ShouldBe("A job of the kind scripted takes no content.");
    }

    [Fact]
    public async Task content_that_breaks_off_leaves_no_job()
    {
        var request = new JobRequest(
            ScriptedKind.WithContent, ScriptedKind.Add(CopyBack), "sender of halves", "half");

        await Should.ThrowAsync<IOException>(
            () => host.Control.Submit(request, new BreakingStream(2 * Part), CancellationToken.None));

        (await one.Database.Query<long>("SELECT count(*) FROM work.job WHERE owner = 'sender of halves'")).ShouldBe(0);
    }

    private static async Task<JsonElement?> CopyBack(JobContext job, CancellationToken cancel)
    {
        await using var given = job.OpenContent();
        await using var content = job.CreateContent();
        await given.CopyToAsync(content, cancel);
        return null;
    }

    private Task<Job> SubmitContent(Script script, byte[] content) => host.Submit(
        new JobRequest(ScriptedKind.WithContent, ScriptedKind.Add(script), JobHost.Owner), content);

    private async Task<byte[]> Fetched(Job done)
    {
        await using var content = (await host.Store.OpenResult(done, CancellationToken.None)).ShouldNotBeNull();
        using var read = new MemoryStream();
        await content.CopyToAsync(read);
        return read.ToArray();
    }

    private async Task WriteAndRead(int[] pieces, int readAtOnce)
    {
        var jobId = Guid.CreateVersion7();
        await one.Database.Query<int>(
            $"""
            INSERT INTO work.job (job_id, kind, arguments, owner, state, finished_at)
            VALUES ('{jobId}', 'none', '{"{}"}', 'tester', 'failed', now()) RETURNING 1
            """);
        using var expected = new MemoryStream();
        await using (var content = host.Store.CreateContent(jobId, attempt: 1))
        {
            foreach (var length in pieces)
            {
                var bytes = RandomNumberGenerator.GetBytes(length);
                expected.Write(bytes);
                await content.WriteAsync(bytes);
            }
        }
        using var read = new MemoryStream();
        await using (var content = host.Store.OpenContent(jobId, attempt: 1))
            await content.CopyToAsync(read, readAtOnce);

        read.ToArray().AsSpan().SequenceEqual(expected.ToArray()).ShouldBeTrue();
        await host.Store.Discard(jobId, CancellationToken.None);
    }

    /// <summary>So many bytes, and then the sender has gone.</summary>
    private sealed class BreakingStream(int length) : MemoryStream(new byte[length])
    {
        public override Task CopyToAsync(Stream destination, int bufferSize, CancellationToken cancellationToken) =>
            Send(destination, cancellationToken);

        private async Task Send(Stream destination, CancellationToken cancel)
        {
            await destination.WriteAsync(ToArray(), cancel);
            throw new IOException("The sender has gone.");
        }
    }
}

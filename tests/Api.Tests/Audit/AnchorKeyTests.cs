using System.Globalization;
using System.Net;
using Bifrost.Audit.Anchors;
using Bifrost.Audit.Keys;
using Bifrost.Audit.Outside;
using Bifrost.Harness;
using Bifrost.Workers.Anchors;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Bifrost.Api.Tests.Audit;

/// <summary>
/// A server that signs, its operator's tool beside it, and what both say when the key is not what it was.
/// </summary>
public sealed class AnchorKeyTests(RunningServer server) : IClassFixture<RunningServer>, IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string home = Directory.CreateTempSubdirectory("bifrost-keys-").FullName;
    private WebApplication app = null!;
    private ApiClient api = null!;

    private string Root => Path.Combine(home, "audit");

    public async Task InitializeAsync()
    {
        (app, api) = await Start();
        await Deposit();
    }

    public async Task DisposeAsync()
    {
        await Stop();
        Directory.Delete(home, recursive: true);
    }

    [Fact]
    public async Task a_key_is_rotated_under_a_server_that_runs_and_both_tell_of_it()
    {
        var first = await Anchored();
        var trusted = Path.Combine(home, "trusted.pub.pem");
        File.Copy(Path.Combine(Root, "anchor.pub.pem"), trusted);

        (await Tool("audit", "keys", "rotate")).Exit.ShouldBe(0);
        var second = await Anchored();

        second.KeyId.ShouldNotBe(first.KeyId);
        var verified = await Tool("audit", "verify", "--key", trusted);
        (verified.Exit, verified.Error).ShouldBe((0, ""));
        verified.Output.ShouldContain($"signed with {first.KeyId} (the beginning to ");
        verified.Output.ShouldContain($", {second.KeyId} (");
        // Whoever trusts the new key alone has no word for what the old one signed.
        (await Tool("audit", "verify", "--key", Path.Combine(Root, "anchor.pub.pem"))).Exit.ShouldBe(1);
        var listed = await Tool("audit", "keys", "list");
        listed.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('\t')[0])
            .ShouldBe([first.KeyId, second.KeyId]);

        var now = DateTimeOffset.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        (await Tool("audit", "keys", "revoke", second.KeyId, "--from", now)).Error.ShouldContain("keys rotate");
        (await Tool("audit", "keys", "revoke", first.KeyId, "--from", first.At)).Exit.ShouldBe(0);
        (await Tool("audit", "verify")).Error.ShouldContain($"the key {first.KeyId}, which is revoked from "
            + $"{first.At} on");
        await ShouldPublish(first, second);
    }

    [Fact]
    public async Task a_key_that_was_deleted_before_a_restart_is_said_and_is_not_made_anew()
    {
        var anchor = await Anchored();
        await Stop();
        File.Delete(Path.Combine(Root, "anchor.pem"));

        (app, api) = await Start();

        var state = app.Services.GetRequiredService<AnchorState>();
        await Eventually.Is(
            () => Task.FromResult(state.Problem is not null), Patience, () => "The signing goes on without its key.");
        state.Problem!.ShouldContain($"is gone, the key {anchor.KeyId}");
        var ready = (await api.Get("/health/ready")).Expect(HttpStatusCode.OK);
        ready.Text("status").ShouldBe("degraded");
        // The ledger does not stop for it.
        await Deposit();
        File.Exists(Path.Combine(Root, "anchor.pem")).ShouldBeFalse();
        (await Tool("audit", "verify")).Error.ShouldContain("no more is anchored here");
        (await Tool("audit", "anchor")).Exit.ShouldBe(1);
    }

    [Fact]
    public async Task another_key_in_its_place_fails_every_verification()
    {
        await Anchored();
        await Stop();
        var key = Path.Combine(Root, "anchor.pem");
        File.Delete(key);
        AnchorKey.Make(key).Dispose();

        var verified = await Tool("audit", "verify");

        (verified.Exit, verified.Error.Contains("no key takes the place of another in silence")).ShouldBe((1, true));
        (app, api) = await Start();
    }

    [Theory]
    [InlineData("anchors.jsonl")]
    [InlineData("anchors.jsonl", "newest.json")]
    public async Task anchors_that_were_emptied_fail_every_verification(params string[] gone)
    {
        await Anchored();
        await Stop();
        foreach (var file in gone)
            await File.WriteAllTextAsync(Directory.GetFiles(Root, file, SearchOption.AllDirectories).Single(), "");

        (await Tool("audit", "verify")).Exit.ShouldBe(1);
        (app, api) = await Start();
    }

    [Fact]
    public async Task a_server_takes_its_anchors_outside_and_tells_of_what_cannot()
    {
        await Stop();
        var (takes, fails) = (Write("takes.sh", "cksum"), Write("fails.sh", "cat >/dev/null; exit 3"));
        (app, api) = await Start(options => options with
        {
            Hooks = [new AnchorHook(takes, Patience), new AnchorHook(fails, Patience)],
            HooksEvery = TimeSpan.FromMilliseconds(20),
        });
        var anchor = await Anchored();

        var file = Path.Combine(Root, anchor.Log.ToString("D"), ReceiptFile.Name);
        await Eventually.Is(
            () => Task.FromResult(ReceiptFile.Read(file, mayGrow: true).Any(receipt => receipt.Size >= anchor.Size)),
            Patience,
            () => "No anchor is taken outside.");

        var state = app.Services.GetRequiredService<AnchorState>();
        await Eventually.Is(
            () => Task.FromResult(state.Outside.Keys.SequenceEqual(["fails"])), Patience,
            () => string.Join(", ", state.Outside));
        state.Outside["fails"].ShouldContain("exited with 3");
        state.Problem.ShouldBeNull();
        (await api.Send(new HttpRequestMessage(HttpMethod.Get, "/metrics"))).Status.ShouldBe(HttpStatusCode.OK);
        await Deposit();
        ReceiptFile.Read(file, mayGrow: true).ShouldAllBe(receipt => receipt.Hook == "takes");
    }

    private async Task ShouldPublish(Anchor first, Anchor second)
    {
        var answer = (await api.Get("/api/audit/keys")).Expect(HttpStatusCode.OK);
        var keys = answer["keys"].AsArray();
        keys.Select(key => key!["keyId"]!.GetValue<string>()).ShouldBe([first.KeyId, second.KeyId]);
        keys[0]!["revokedFrom"]!.GetValue<string>().ShouldBe(first.At);
        var published = Path.Combine(home, "keys.json");
        await File.WriteAllTextAsync(published, answer.Body!.ToJsonString());
        KeyFile.Read(published).Spans.Select(span => span.KeyId).ShouldBe([first.KeyId, second.KeyId]);
        // The hand-over came after that moment, so the new key is to be had another way.
        IndependentVerifier.Run("keys", published).Exit.ShouldBe(1);
        IndependentVerifier.Run("keys", published, "--key", Path.Combine(Root, "anchor.pub.pem")).Output
            .ShouldContain("verified: 2 statements of keys");
    }

    private Task<(WebApplication App, ApiClient Api)> Start(Func<AuditOptions, AuditOptions>? change = null)
    {
        var audit = new AuditOptions(Root) { Every = TimeSpan.FromMilliseconds(20) };
        return server.StartAnother(options => options with { Audit = change?.Invoke(audit) ?? audit });
    }

    private async Task Stop()
    {
        api.Dispose();
        await app.StopAsync();
        await app.DisposeAsync();
    }

    private async Task<long> Deposit()
    {
        var portfolio = await api.OpenPortfolio(1);
        return (await api.Post($"/api/portfolios/{portfolio}/funding", new { type = "DEPOSIT", amount = 1 }))
            .Expect(HttpStatusCode.Created).Number("sequence");
    }

    /// <summary>The anchor of something that happens now.</summary>
    private async Task<Anchor> Anchored()
    {
        var (sequence, anchor) = (await Deposit(), (Anchor?)null);
        await Eventually.Is(
            async () =>
            {
                var latest = await api.Get("/api/audit/anchor");
                anchor = latest.Status == HttpStatusCode.OK ? Anchor.Parse(latest.Body!.ToJsonString()) : null;
                return anchor?.Sequence >= sequence;
            },
            Patience,
            () => "Nothing is anchored.");
        return anchor!;
    }

    private Task<(int Exit, string Output, string Error)> Tool(params string[] arguments) =>
        OperatorTool.Run(server.Database.ConnectionString, home, arguments);

    private string Write(string name, string lines)
    {
        var file = Path.Combine(home, name);
        File.WriteAllText(file, $"#!/bin/sh\n{lines}\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return file;
    }
}

/// <summary>What is wrong with a command of the operator's tool is said before anything is looked at.</summary>
public sealed class AnchorKeyUsageTests(TestDatabase database) : IClassFixture<TestDatabase>
{
    [Theory]
    [InlineData("audit keys revoke 0123456789abcdef")]
    [InlineData("audit keys revoke 0123456789abcdef --from yesterday")]
    [InlineData("audit keys revoke 0123456789abcdef --from 2999-01-01T00:00:00Z")]
    [InlineData("audit verify --require 1")]
    [InlineData("audit verify --cosigner bank")]
    [InlineData("audit verify --export e.jsonl --key k.pem")]
    public async Task what_cannot_be_meant_is_wrong_usage(string arguments) =>
        (await OperatorTool.Run(database.ConnectionString, home: null, arguments.Split(' '))).Exit.ShouldBe(2);
}

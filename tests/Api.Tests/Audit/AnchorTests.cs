using System.Net;
using System.Text;
using Bifrost.Audit.Anchors;
using Bifrost.Audit.Proofs;
using Bifrost.Harness;
using Microsoft.AspNetCore.Builder;

namespace Bifrost.Api.Tests.Audit;

/// <summary>A server that signs what its log is, and what it proves of it to whoever has the anchor alone.</summary>
public sealed class AnchorTests(RunningServer server) : IClassFixture<RunningServer>, IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string root = Directory.CreateTempSubdirectory("bifrost-anchors-").FullName;
    private WebApplication app = null!;
    private ApiClient api = null!;

    public async Task InitializeAsync() => (app, api) = await server.StartAnother(options => options with
    {
        Audit = new AuditOptions(root) { Every = TimeSpan.FromMilliseconds(20) },
    });

    public async Task DisposeAsync()
    {
        api.Dispose();
        await app.StopAsync();
        await app.DisposeAsync();
        Directory.Delete(root, recursive: true);
    }

    [Fact]
    public async Task each_event_is_proved_against_an_anchor_and_no_other_is()
    {
        var sequence = await Deposit();
        var anchor = await Attesting(sequence);

        var proof = (await api.Get($"/api/audit/proofs/{sequence}?size={anchor.Size}")).Expect(HttpStatusCode.OK);

        proof["anchor"].ToJsonString().ShouldBe(anchor.ToLine());
        anchor.IsSigned().ShouldBeTrue();
        var leaf = new LogLeaf(sequence, Convert.FromHexString(proof.Text("hash")));
        var path = proof["path"].AsArray().Select(part => Convert.FromHexString(part!.GetValue<string>())).ToList();
        var tree = (Size: anchor.Size, Root: Convert.FromHexString(anchor.Root));
        MerkleTree.Includes(proof.Number("index"), tree.Size, leaf.Hash, path, tree.Root).ShouldBeTrue();
        var other = leaf with { Sequence = sequence + 1 };
        MerkleTree.Includes(proof.Number("index"), tree.Size, other.Hash, path, tree.Root).ShouldBeFalse();
    }

    [Fact]
    public async Task a_later_anchor_is_proved_to_extend_an_earlier_one()
    {
        var first = await Attesting(await Deposit());
        var second = await Attesting(await Deposit());

        var proof = (await api.Get($"/api/audit/proofs?from={first.Size}&to={second.Size}")).Expect(HttpStatusCode.OK);

        var path = proof["path"].AsArray().Select(part => Convert.FromHexString(part!.GetValue<string>())).ToList();
        var (older, newer) = (Convert.FromHexString(first.Root), Convert.FromHexString(second.Root));
        MerkleTree.Extends(first.Size, older, second.Size, newer, path).ShouldBeTrue();
        MerkleTree.Extends(first.Size, newer, second.Size, newer, path).ShouldBeFalse();
    }

    [Fact]
    public async Task what_is_served_is_verified_by_a_program_that_has_nothing_of_ours()
    {
        var sequence = await Deposit();
        var first = await Attesting(sequence);
        var second = await Attesting(await Deposit());

        (await Verified($"/api/audit/proofs/{sequence}?size={second.Size}")).ShouldBe(0);
        (await Verified($"/api/audit/proofs?from={first.Size}&to={second.Size}")).ShouldBe(0);
        (await Verified($"/api/audit/proofs?from={second.Size}&to={second.Size}")).ShouldBe(0);
        (await Verified($"/api/audit/proofs/{sequence}", "\"index\":", "\"index\":1")).ShouldBe(1);
        (await Verified($"/api/audit/proofs/{sequence}", $"{{\"sequence\":{sequence}", "{\"sequence\":99")).ShouldBe(1);
        (await Verified($"/api/audit/proofs?from={first.Size}&to={second.Size}", first.Root, second.Root)).ShouldBe(1);
    }

    [Fact]
    public async Task an_export_of_the_server_is_verified_with_its_anchors_by_the_same_program()
    {
        await Attesting(await Deposit());
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        var export = Path.Combine(root, "export.jsonl");
        await File.WriteAllBytesAsync(export, await http.GetByteArrayAsync("/api/audit/export?format=jsonl"));
        var anchors = Directory.GetFiles(root, "anchors.jsonl", SearchOption.AllDirectories).Single();

        IndependentVerifier.Run("export", export, anchors).Output.ShouldStartWith("verified: ");
    }

    [Fact]
    public async Task what_there_is_no_proof_of_is_said()
    {
        var anchor = await Attesting(await Deposit());

        (await api.Get("/api/audit/proofs/99999999")).ShouldBeProblem(404, "event-not-anchored");
        (await api.Get($"/api/audit/proofs/1?size={anchor.Size + 100_000}")).ShouldBeProblem(404, "anchor-not-found");
        (await api.Get($"/api/audit/proofs?from={anchor.Size}&to=1")).ShouldBeProblem(400, "invalid-request");
        (await api.Get("/api/audit/proofs?to=1")).ShouldBeProblem(400, "invalid-request");
        (await server.Api.Get("/api/audit/anchor")).ShouldBeProblem(503, "anchors-unavailable");
    }

    [Fact]
    public async Task a_log_that_is_not_what_was_anchored_is_anchored_no_more_and_the_server_says_so()
    {
        var sequence = await Deposit();
        await Attesting(sequence);
        var hash = await server.Database.Query<string>(
            $"SELECT encode(hash, 'hex') FROM ledger.portfolio_event WHERE seq_id = {sequence}");
        try
        {
            await SetHash(sequence, $"{hash[1..]}0");

            await Eventually.Is(
                async () =>
                {
                    await Deposit();
                    return (await api.Get("/health/ready")).Body!["anchoring"]!["problem"] is not null;
                },
                Patience,
                () => "It goes on.");
            (await api.Get("/health/ready")).Text("status").ShouldBe("degraded");
        }
        finally
        {
            await SetHash(sequence, hash);
        }
    }

    private async Task<long> Deposit()
    {
        var portfolio = await api.OpenPortfolio(1);
        return (await api.Post($"/api/portfolios/{portfolio}/funding", new { type = "DEPOSIT", amount = 1 }))
            .Expect(HttpStatusCode.Created).Number("sequence");
    }

    private async Task<Anchor> Attesting(long sequence)
    {
        Anchor? anchor = null;
        await Eventually.Is(
            async () =>
            {
                var latest = await api.Get("/api/audit/anchor");
                anchor = latest.Status == HttpStatusCode.OK ? Anchor.Parse(latest.Body!.ToJsonString()) : null;
                return anchor?.Sequence >= sequence;
            },
            Patience,
            () => $"It is not anchored, only what {anchor} is of.");
        return anchor!;
    }

    private async Task<int> Verified(string path, string text = "", string changed = "")
    {
        var proof = (await api.Get(path)).Expect(HttpStatusCode.OK).Body!.ToJsonString();
        var file = Path.Combine(root, $"{Guid.NewGuid():N}.json");
        var given = text.Length == 0 ? proof : proof.Replace(text, changed, StringComparison.Ordinal);
        (text.Length > 0).ShouldBe(given != proof);
        await File.WriteAllTextAsync(file, given, new UTF8Encoding(false));
        return IndependentVerifier.Run("proof", file).Exit;
    }

    private async Task SetHash(long sequence, string hash)
    {
        await using var superuser = new Npgsql.NpgsqlConnection(server.Database.SuperuserConnectionString);
        await superuser.OpenAsync();
        await using var change = new Npgsql.NpgsqlCommand(
            $"""
            SET session_replication_role = replica;
            UPDATE ledger.portfolio_event SET hash = decode('{hash}', 'hex') WHERE seq_id = {sequence}
            """,
            superuser);
        await change.ExecuteNonQueryAsync();
    }
}

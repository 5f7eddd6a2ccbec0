namespace Bifrost.Cluster.Tests;

/// <summary>Whoever has not the cluster's certificate does not get in, and is told so.</summary>
public sealed class StrangerTests : IAsyncLifetime
{
    private readonly string home = Directory.CreateTempSubdirectory("bifrost-stranger-").FullName;
    private readonly TestDatabase database = new();

    public Task InitializeAsync() => database.InitializeAsync();

    public async Task DisposeAsync()
    {
        await database.DisposeAsync();
        Directory.Delete(home, recursive: true);
    }

    [Fact]
    public async Task a_node_with_another_certificate_ends_and_the_cluster_goes_on()
    {
        var cluster = $"stranger-{Guid.NewGuid():N}";
        using var certificate = new TestCertificate();
        using var otherCertificate = new TestCertificate();
        await using var node = NodeProcess.Start(database.ConnectionString, cluster, home, certificate);
        await node.BecomeReady();
        using var depositors = new Depositors(node.Url);
        var portfolios = await depositors.Open(10);
        depositors.Start(portfolios, callers: 2);

        await using var stranger = NodeProcess.Start(database.ConnectionString, cluster, home, otherCertificate);
        var exit = await stranger.End();
        await depositors.Stop();

        exit.ShouldBe(1, stranger.Said);
        stranger.Said.ShouldContain("did not get into the cluster");
        stranger.Said.ShouldNotContain("Unhandled");
        depositors.Repeats.ShouldBe(0);
    }
}

using Bifrost.Api.Access;

namespace Bifrost.Api.Tests.Access;

/// <summary>How far an issuer is trusted that is away, or says what cannot be.</summary>
public sealed class IssuerKeyTests : IAsyncLifetime
{
    private readonly SetClock clock = new();
    private LittleIssuer issuer = null!;

    public async Task InitializeAsync() => issuer = await LittleIssuer.Start();

    public async Task DisposeAsync() => await issuer.DisposeAsync();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task keys_that_were_not_read_for_an_hour_are_trusted_no_more(bool areNamed)
    {
        var keys = Keys(areNamed ? $"{issuer.Name}/keys" : null);
        (await keys.GetConfigurationAsync(CancellationToken.None)).SigningKeys.Single().KeyId
            .ShouldBe(issuer.Key.KeyId);
        issuer.IsAway = true;

        clock.Now = TimeSpan.FromMinutes(59);
        (await keys.GetConfigurationAsync(CancellationToken.None)).SigningKeys.Count.ShouldBe(1);
        clock.Now = TimeSpan.FromMinutes(60);
        await Should.ThrowAsync<IssuerUnavailableException>(
            () => keys.GetConfigurationAsync(CancellationToken.None));
    }

    [Fact]
    public async Task a_discovery_document_of_another_issuer_is_not_taken()
    {
        issuer.Claimed = "https://issuer.example";

        await Should.ThrowAsync<IssuerUnavailableException>(
            () => Keys().GetConfigurationAsync(CancellationToken.None));
    }

    [Fact]
    public async Task keys_that_could_be_changed_on_the_way_are_not_taken()
    {
        // It is reached there as well, but by an address that is not of this machine alone.
        issuer.ClaimedKeys = $"{issuer.Name}/keys".Replace("127.0.0.1", "0.0.0.0", StringComparison.Ordinal);

        await Should.ThrowAsync<IssuerUnavailableException>(
            () => Keys().GetConfigurationAsync(CancellationToken.None));
    }

    private IssuerKeys Keys(string? place = null) =>
        new(issuer.Trusted with { KeySet = place }, new SocketsHttpHandler(), clock);

    private sealed class SetClock : TimeProvider
    {
        public TimeSpan Now { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now.Ticks;
    }
}

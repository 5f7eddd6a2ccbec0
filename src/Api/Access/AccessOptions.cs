namespace Bifrost.Api.Access;

/// <summary>What the server is told of its callers.</summary>
public sealed record AccessOptions
{
    /// <summary>Who issues bearer tokens; null where only keys are taken.</summary>
    public TokenIssuer? Issuer { get; init; }

    /// <summary>How much each caller may ask for; null for as much as they like.</summary>
    public RateLimit? RateLimit { get; init; } = RateLimit.PerSecond(1_000);

    /// <summary>
    /// How many reads each caller has under way that go through a history. Each holds a connection for as long as its
    /// reader takes, and there are a hundred for all.
    /// </summary>
    public int HistoryReads { get; init; } = 4;

    /// <summary>How many more of them wait for their turn.</summary>
    public int HistoryReadsWaiting { get; init; } = 100;

    /// <summary>How long a request may take, except those that stream.</summary>
    public TimeSpan TimeLimit { get; init; } = TimeSpan.FromSeconds(30);
}

/// <summary>A bucket of tokens: each request takes one, and some are put back from time to time.</summary>
/// <param name="Burst">How many it holds.</param>
/// <param name="Tokens">How many are put back each period.</param>
public sealed record RateLimit(int Burst, int Tokens, TimeSpan Period)
{
    /// <summary>So many requests a second, and twice as many at once.</summary>
    public static RateLimit PerSecond(int requests) => requests < 10
        ? new RateLimit(2 * requests, requests, TimeSpan.FromSeconds(1))
        : new RateLimit(2 * requests, requests / 10, TimeSpan.FromMilliseconds(100));
}

/// <summary>An issuer of JSON web tokens whose word is taken for who somebody is.</summary>
/// <param name="Issuer">What tokens name as <c>iss</c>: an https URL; http on loopback only.</param>
/// <param name="Audience">What tokens name as <c>aud</c>.</param>
/// <param name="KeySet">Where its keys are; null where its discovery document says so.</param>
public sealed record TokenIssuer(string Issuer, string Audience, string? KeySet = null)
{
    /// <summary>
    /// Whether tokens that name no rights give traders and services all of them, as they did before there were rights.
    /// </summary>
    public bool GrantsAll { get; init; }

    /// <summary>What keeps the issuer from being trusted; null where nothing does.</summary>
    public string? Problem =>
        !IsTrustworthy(Issuer) ? $"'{Issuer}' is no issuer: an https URL is, or an http one on loopback."
        : Audience.Length == 0 ? "An issuer serves others too: say which audience its tokens have to name."
        : KeySet is not null && !IsTrustworthy(KeySet) ? $"'{KeySet}' is no place for keys: an https URL is."
        : null;

    /// <summary>Whether nobody on the way can put keys of their own in the place of those that are read.</summary>
    internal static bool IsTrustworthy(string url) => Uri.TryCreate(url, UriKind.Absolute, out var parsed)
        && (parsed.Scheme == Uri.UriSchemeHttps || (parsed.Scheme == Uri.UriSchemeHttp && parsed.IsLoopback));
}

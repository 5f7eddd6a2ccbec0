using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace Bifrost.Api.Access;

/// <summary>The issuer's keys cannot be had, so nobody can tell whether a token is good.</summary>
public sealed class IssuerUnavailableException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>
/// The public keys of the issuer, read when they are needed. An issuer changes its keys by signing with one that was
/// not there before: a token that names an unknown key has the keys read again, though not for every such token.
/// </summary>
internal sealed class IssuerKeys : ConfigurationManager<OpenIdConnectConfiguration>
{
    // Keys that the issuer has withdrawn open nothing after this.
    private static readonly TimeSpan Fresh = TimeSpan.FromMinutes(5);

    // While the issuer is away its keys are trusted for this long; the library would trust them for ever.
    private static readonly TimeSpan Oldest = TimeSpan.FromHours(1);

    // Between readings, but for the first that an unknown key asks for: whoever makes keys up is not to set the pace.
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    private readonly TokenIssuer issuer;
    private readonly Reading reading;

    // The library reads anew in the background unless it is told this, and the tokens that show that the issuer has
    // changed its key would be refused until it is done.
    static IssuerKeys() => AppContext.SetSwitch("Switch.Microsoft.IdentityModel.UpdateConfigAsBlocking", true);

    public IssuerKeys(TokenIssuer issuer, HttpMessageHandler network, TimeProvider clock)
        : this(issuer, network, new Reading(issuer, clock))
    {
    }

    private IssuerKeys(TokenIssuer issuer, HttpMessageHandler network, Reading reading)
        : base(issuer.KeySet ?? Discovery(issuer), reading, Documents(issuer, network))
    {
        (this.issuer, this.reading) = (issuer, reading);
        (AutomaticRefreshInterval, RefreshInterval) = (Fresh, Pause);
        // Keys that were withdrawn are among those.
        UseLastKnownGoodConfiguration = false;
    }

    /// <exception cref="IssuerUnavailableException">They cannot be read, and have not been for long.</exception>
    public override async Task<OpenIdConnectConfiguration> GetConfigurationAsync(CancellationToken cancel)
    {
        try
        {
            var known = await base.GetConfigurationAsync(cancel);
            if (reading.Age < Oldest)
                return known;
        }
        catch (InvalidOperationException e)
        {
            throw new IssuerUnavailableException($"The keys of {issuer.Issuer} cannot be read.", e);
        }
        throw new IssuerUnavailableException($"The keys of {issuer.Issuer} have not been read for long.");
    }

    private static string Discovery(TokenIssuer issuer) =>
        $"{issuer.Issuer.TrimEnd('/')}/.well-known/openid-configuration";

    private static HttpDocumentRetriever Documents(TokenIssuer issuer, HttpMessageHandler network)
    {
        var http = new HttpClient(network)
        {
            Timeout = TimeSpan.FromSeconds(5),
            MaxResponseContentBufferSize = 1024 * 1024,
        };
        // An issuer on loopback has no certificate.
        var isSecure = new Uri(issuer.KeySet ?? issuer.Issuer).Scheme == Uri.UriSchemeHttps;
        return new HttpDocumentRetriever(http) { RequireHttps = isSecure };
    }

    /// <summary>What the issuer publishes, or its keys alone where it is known where they are.</summary>
    private sealed class Reading(TokenIssuer issuer, TimeProvider clock)
        : IConfigurationRetriever<OpenIdConnectConfiguration>
    {
        private long at;

        /// <summary>Since the keys were read for the last time.</summary>
        public TimeSpan Age => clock.GetElapsedTime(Volatile.Read(ref at));

        public async Task<OpenIdConnectConfiguration> GetConfigurationAsync(
            string address, IDocumentRetriever retriever, CancellationToken cancel)
        {
            var began = clock.GetTimestamp();
            var found = issuer.KeySet is null
                ? await OpenIdConnectConfigurationRetriever.GetAsync(address, retriever, cancel)
                : OfKeys(await retriever.GetDocumentAsync(address, cancel));
            if (found.Issuer != issuer.Issuer)
                throw new IssuerUnavailableException($"{address} is of another issuer than {issuer.Issuer}.");
            if (issuer.KeySet is null && !TokenIssuer.IsTrustworthy(found.JwksUri))
                throw new IssuerUnavailableException($"{address} names no https URL for the keys.");
            Volatile.Write(ref at, began);
            return found;
        }

        private OpenIdConnectConfiguration OfKeys(string json)
        {
            var found = new OpenIdConnectConfiguration { Issuer = issuer.Issuer };
            foreach (var key in new JsonWebKeySet(json).GetSigningKeys())
                found.SigningKeys.Add(key);
            return found;
        }
    }
}

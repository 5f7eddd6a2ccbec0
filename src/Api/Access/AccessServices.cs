using Bifrost.Api.Http;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Http.Timeouts;
using Npgsql;

namespace Bifrost.Api.Access;

internal static class AccessServices
{
    public static void Add(IServiceCollection services, AccessOptions options)
    {
        services.AddSingleton(provider => new KeyRing(
            new ApiKeys(provider.GetRequiredService<NpgsqlDataSource>()), TimeProvider.System));
        AddSchemes(services, options.Issuer);
        services.AddSingleton<PortfolioOwners>();
        services.AddSingleton<CashAllowance>();
        services.AddSingleton<Gate>();
        services.AddSingleton<AccessAtStart>();
        services.AddHostedService(provider => provider.GetRequiredService<AccessAtStart>());
        RateLimits.Add(services, options);
        services.AddRequestTimeouts(timeouts => timeouts.DefaultPolicy = new RequestTimeoutPolicy
        {
            Timeout = options.TimeLimit,
            TimeoutStatusCode = Problems.TookTooLong.Status,
            WriteTimeoutResponse = http => Problems.Of(
                Problems.TookTooLong,
                "The request was given up: it asks for too much, or its body came too slowly. A write that was given "
                + "up was not applied.").ExecuteAsync(http),
        });
    }

    private static void AddSchemes(IServiceCollection services, TokenIssuer? issuer)
    {
        // And not AddAuthentication, which keeps keys for cookies in the home of whoever runs the server.
        services.AddAuthenticationCore(authentication => authentication.DefaultScheme = Credentials.SchemeName);
        services.AddWebEncoders();
        var schemes = new AuthenticationBuilder(services);
        schemes.AddScheme<AuthenticationSchemeOptions, Credentials>(Credentials.SchemeName, configureOptions: null);
        if (issuer is null)
            return;
        if (issuer.Problem is { } problem)
            throw new ArgumentException(problem, nameof(issuer));
        var tokens = new IssuedTokens(
            issuer, new IssuerKeys(issuer, new SocketsHttpHandler { AllowAutoRedirect = false }, TimeProvider.System));
        schemes.AddScheme<JwtBearerOptions, JwtBearerHandler>(
            JwtBearerDefaults.AuthenticationScheme, tokens.Configure);
    }
}

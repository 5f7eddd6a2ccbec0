using Bifrost.Api.Http;
using Microsoft.AspNetCore.Http.Timeouts;
using Npgsql;

namespace Bifrost.Api.Access;

internal static class AccessServices
{
    public static void Add(IServiceCollection services, AccessOptions options)
    {
        services.AddSingleton(provider => new KeyRing(
            new ApiKeys(provider.GetRequiredService<NpgsqlDataSource>()), TimeProvider.System));
        services.AddSingleton(provider => new Authentication(
            provider.GetRequiredService<KeyRing>(), provider.GetService<IssuedTokens>()));
        if (options.Issuer is { } issuer)
        {
            if (issuer.Problem is { } problem)
                throw new ArgumentException(problem, nameof(options));
            services.AddSingleton(_ => new IssuerKeys(
                issuer, new SocketsHttpHandler { AllowAutoRedirect = false }, TimeProvider.System));
            services.AddSingleton(provider => new IssuedTokens(issuer, provider.GetRequiredService<IssuerKeys>()));
        }
        services.AddSingleton<PortfolioOwners>();
        services.AddSingleton<Gate>();
        services.AddHostedService<AccessAtStart>();
        RateLimits.Add(services, options.RateLimit);
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
}

using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Threading.RateLimiting;
using Bifrost.Api.Http;

namespace Bifrost.Api.Access;

/// <summary>How much each caller may ask for.</summary>
internal static class RateLimits
{
    public static void Add(IServiceCollection services, RateLimit? limit) => services.AddRateLimiter(options =>
    {
        options.GlobalLimiter = limit is null ? null : PartitionedRateLimiter.Create<HttpContext, string>(http =>
        {
            // Benchmarks and imports of whoever runs the machine.
            if (http.User == Caller.LocalOperator)
                return RateLimitPartition.GetNoLimiter("");
            return RateLimitPartition.GetTokenBucketLimiter(NameOf(http), _ => new TokenBucketRateLimiterOptions
            {
                TokenLimit = limit.Burst,
                TokensPerPeriod = limit.Tokens,
                ReplenishmentPeriod = limit.Period,
            });
        });
        options.OnRejected = async (rejected, _) =>
        {
            var wait = rejected.Lease.TryGetMetadata(MetadataName.RetryAfter, out var after) ? after : TimeSpan.Zero;
            var seconds = Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds));
            var http = rejected.HttpContext;
            http.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
            await Problems.Of(
                Problems.TooManyRequests, $"More was asked for than is given at once. Try again in {seconds} s.")
                .ExecuteAsync(http);
        };
    });

    // No actor has a colon. Strangers share what is given to the address that they come from.
    private static string NameOf(HttpContext http) =>
        http.User is Caller caller ? caller.Actor : $"from:{Address(http.Connection.RemoteIpAddress)}";

    // Whoever has one IPv6 address has all of its network.
    private static string Address(IPAddress? address)
    {
        if (address is not { AddressFamily: AddressFamily.InterNetworkV6, IsIPv4MappedToIPv6: false })
            return $"{address?.MapToIPv4()}";
        return Convert.ToHexString(address.GetAddressBytes().AsSpan(0, 8));
    }
}

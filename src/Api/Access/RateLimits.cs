using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Threading.RateLimiting;
using Bifrost.Api.Http;

namespace Bifrost.Api.Access;

/// <summary>How much each caller may ask for.</summary>
internal static class RateLimits
{
    private const string History = "history";

    public static void Add(IServiceCollection services, AccessOptions access) => services.AddRateLimiter(options =>
    {
        options.AddPolicy(History, http => OfHistory(http, access));
        options.GlobalLimiter = access.RateLimit is not { } limit
            ? null
            : PartitionedRateLimiter.Create<HttpContext, string>(http =>
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

    /// <summary>Says that the route goes through a history: that of the audit, of a job or of the past.</summary>
    public static RouteHandlerBuilder ReadsHistory(this RouteHandlerBuilder route) =>
        route.RequireRateLimiting(History);

    private static RateLimitPartition<string> OfHistory(HttpContext http, AccessOptions access)
    {
        var isPresent = !http.Request.Path.StartsWithSegments("/api/audit")
            && !http.Request.Path.StartsWithSegments("/api/jobs")
            && !PastQuery.Names.Any(http.Request.Query.ContainsKey);
        if (isPresent || http.User is not Caller caller || caller == Caller.LocalOperator)
            return RateLimitPartition.GetNoLimiter("");
        return RateLimitPartition.GetConcurrencyLimiter(caller.Actor, _ => new ConcurrencyLimiterOptions
        {
            PermitLimit = access.HistoryReads,
            QueueLimit = access.HistoryReadsWaiting,
            QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
        });
    }

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

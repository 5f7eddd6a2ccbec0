using System.Reflection;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Http.Metadata;

namespace Bifrost.Api.Http;

/// <summary>
/// Refuses a query that has a parameter which its route does not: whoever asks holdings with effectiveAt would be given
/// those of now, and believe them to be of then.
/// </summary>
internal static class KnownQuery
{
    private static readonly ConditionalWeakTable<RouteEndpoint, string[]> Known = [];

    public static void Use(WebApplication app) => app.Use((http, next) =>
        http.Request.QueryString.HasValue && Problem(http) is { } problem ? problem.ExecuteAsync(http) : next(http));

    private static ProblemHttpResult? Problem(HttpContext http)
    {
        if (http.GetEndpoint() is not RouteEndpoint endpoint || !IsApi(endpoint))
            return null;
        var known = Known.GetValue(endpoint, NamesOf);
        var check = new Check(TimeProvider.System);
        foreach (var name in http.Request.Query.Keys.Except(known, StringComparer.OrdinalIgnoreCase))
        {
            check.Add(name, known.Length == 0
                ? "is no parameter of this route, which has none."
                : $"is no parameter of this route; there are {string.Join(", ", known)}.");
        }
        return check.Failed ? check.Problem : null;
    }

    private static bool IsApi(RouteEndpoint endpoint) =>
        endpoint.RoutePattern.RawText?.StartsWith("/api/", StringComparison.Ordinal) == true;

    private static string[] NamesOf(RouteEndpoint endpoint) =>
        endpoint.Metadata.GetMetadata<MethodInfo>() is not { } handler
            ? []
            :
            [
                .. handler.GetParameters().SelectMany(parameter => Names(endpoint, parameter))
                    .Distinct(StringComparer.OrdinalIgnoreCase),
            ];

    private static IEnumerable<string> Names(RouteEndpoint endpoint, ParameterInfo parameter) =>
        parameter.GetCustomAttribute<AsParametersAttribute>() is null
            ? Names(endpoint, parameter, parameter.Name!, parameter.ParameterType)
            : parameter.ParameterType.GetProperties()
                .Where(property => property.CanWrite)
                .SelectMany(property => Names(endpoint, property, property.Name, property.PropertyType));

    // As the framework binds: what is said to come from the query, and simple values that are not in the path.
    private static IEnumerable<string> Names(
        RouteEndpoint endpoint, ICustomAttributeProvider place, string name, Type type)
    {
        var sources = place.GetCustomAttributes(inherit: true);
        if (sources.OfType<IFromQueryMetadata>().FirstOrDefault() is { } query)
            return [query.Name ?? name];
        var isElsewhere = sources.Any(source => source is IFromRouteMetadata or IFromHeaderMetadata or IFromBodyMetadata
            or IFromServiceMetadata or IFromFormMetadata);
        return isElsewhere || !IsSimple(type) || endpoint.RoutePattern.GetParameter(name) is not null ? [] : [name];
    }

    private static bool IsSimple(Type type)
    {
        var bare = Nullable.GetUnderlyingType(type) ?? type;
        return bare == typeof(string) || bare.IsPrimitive || bare.IsEnum
            || bare == typeof(decimal) || bare == typeof(Guid) || bare == typeof(DateTimeOffset);
    }
}

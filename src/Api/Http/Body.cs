using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Http.Metadata;

namespace Bifrost.Api.Http;

/// <summary>The JSON body of a request, or the problem with it. An empty body is a request without fields.</summary>
[SuppressMessage("Design", "CA1000", Justification = "The framework binds parameters by static members.")]
public sealed class Body<T> : IBindableFromHttpContext<Body<T>>, IEndpointParameterMetadataProvider
    where T : class, new()
{
    private const int LongestField = 200;

    private Body(T? value, ProblemHttpResult? problem) => (Value, Problem) = (value ?? new T(), problem);

    public T Value { get; }

    /// <summary>Null where the body could be read.</summary>
    public ProblemHttpResult? Problem { get; }

    public static async ValueTask<Body<T>?> BindAsync(HttpContext context, ParameterInfo parameter)
    {
        var request = context.Request;
        if (request.ContentLength is null or 0 && !request.Headers.ContainsKey("Transfer-Encoding"))
            return new Body<T>(null, null);
        if (!request.HasJsonContentType())
        {
            return new Body<T>(null, Problems.Of(
                Problems.UnsupportedMediaType, "The body must be JSON: send Content-Type: application/json."));
        }
        try
        {
            var json = (JsonTypeInfo<T>)ApiJson.Default.GetTypeInfo(typeof(T))!;
            var value = await JsonSerializer.DeserializeAsync(request.BodyReader, json, context.RequestAborted);
            return value is null ? Invalid("", "an object is expected.") : new Body<T>(value, null);
        }
        catch (JsonException e)
        {
            return Invalid(Short(e.Path?.TrimStart('$').TrimStart('.') ?? ""), Reason(e));
        }
    }

    public static void PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder) =>
        builder.Metadata.Add(new AcceptsMetadata(["application/json"], typeof(T), isOptional: false));

    private static Body<T> Invalid(string field, string reason) =>
        new(null, Problems.Invalid(new Dictionary<string, string> { [field.Length == 0 ? "body" : field] = reason }));

    // A name is the sender's, and may be as long as the body: the answer would be longer, and have it twice.
    private static string Short(string field) => field.Length <= LongestField ? field : $"{field[..LongestField]}…";

    // The serializer's own sentences end in positions and CLR type names, which say nothing to a caller.
    private static string Reason(JsonException e) => e switch
    {
        { InnerException.Message: var message } when message.Contains("Int32", StringComparison.Ordinal) =>
            "a whole number is expected, of at most nine digits.",
        { InnerException: not null } => "is not valid JSON of the type that is expected here.",
        { Message: var message } when message.Contains("could not be mapped", StringComparison.Ordinal) =>
            "is not a field of this request.",
        { Message: var message } when message.Contains("converted to", StringComparison.Ordinal) =>
            "is not of the type that is expected here.",
        { Message: var message } when message.Contains("uplicate", StringComparison.Ordinal) => "stands twice.",
        { Message: var message } when message.Contains("LineNumber", StringComparison.Ordinal) => "is not valid JSON.",
        { Message: var message } => message,
    };
}

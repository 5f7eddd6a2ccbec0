namespace Bifrost.Api.Http;

/// <summary>
/// Refuses reads of the past, which this build cannot answer: the present under the name of the past would be a wrong
/// answer.
/// </summary>
internal sealed class NotBuiltYet : IEndpointFilter
{
    private static readonly string[] Past = ["asOf", "sequence", "effective"];

    public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var asked = Array.Find(Past, context.HttpContext.Request.Query.ContainsKey);
        return asked is null
            ? next(context)
            : ValueTask.FromResult<object?>(Problems.Of(Problems.NotBuilt, $"Reads with '{asked}' are not built yet."));
    }
}

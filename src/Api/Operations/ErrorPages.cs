using System.Reflection;
using Bifrost.Api.Access;
using Bifrost.Api.Http;
using Bifrost.Domain;
using Bifrost.EventStore;
using Bifrost.Grains;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace Bifrost.Api.Operations;

/// <summary>
/// What becomes of exceptions and of answers without a body: always problem details, never a stack trace.
/// </summary>
internal static class ErrorPages
{
    private const string RetryAfterSeconds = "1";

    public static void Use(WebApplication app)
    {
        app.UseExceptionHandler(new ExceptionHandlerOptions
        {
            ExceptionHandler = Handle,
            SuppressDiagnosticsCallback = context =>
                context.Exception is not null && ProblemOf(context.Exception) is not null,
        });
        app.UseStatusCodePages(context => Empty(context.HttpContext));
    }

    /// <summary>Serves docs/errors.md, which the type of every problem points into.</summary>
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/docs/errors", () => TypedResults.Text(Text(), "text/markdown; charset=utf-8"))
            .OpenTo(AccessRule.Everybody).ExcludeFromDescription();

    private static Task Handle(HttpContext context)
    {
        // What was said so far was taken back with the answer that failed.
        SecurityHeaders.Set(context);
        var failure = context.Features.Get<IExceptionHandlerFeature>()!.Error;
        if (ProblemOf(failure) is { } problem)
        {
            if (problem.StatusCode == 503)
                context.Response.Headers.RetryAfter = RetryAfterSeconds;
            return problem.ExecuteAsync(context);
        }
        // The log has the exception under this id; the caller gets nothing of it but the id.
        var details = Problems.Details(Problems.InternalError, "The server met an error of its own.");
        details.Extensions["traceId"] = context.TraceIdentifier;
        return TypedResults.Problem(details).ExecuteAsync(context);
    }

    private static ProblemHttpResult? ProblemOf(Exception failure) => failure switch
    {
        LedgerUnavailableException { OutcomeUnknown: true } => Problems.Of(
            Problems.OutcomeUnknown, $"{failure.Message} Repeat it with the same Idempotency-Key to find out."),
        LedgerUnavailableException => Problems.Of(
            Problems.DatabaseUnavailable, $"{failure.Message} Try again shortly."),
        PortfolioStoppedException => Problems.Of(Problems.PortfolioStopped, failure.Message),
        IssuerUnavailableException => Problems.Of(
            Problems.IssuerUnavailable, $"{failure.Message} Try again shortly."),
        // A read that folds the history itself meets what stops the portfolio as well.
        EventReadException or InvalidHistoryException => Problems.Of(Problems.PortfolioStopped, failure.Message),
        BadHttpRequestException e => Problems.Of(
            Problems.OfStatus(e.StatusCode),
            "The request could not be read: it is cut off, too large, or not HTTP as expected."),
        // So the server says that a chunk's size is a number that it cannot count to, where it says of all else that is
        // wrong with a body that the request is bad.
        IOException { InnerException: OverflowException } => Problems.Of(
            Problems.InvalidRequest, "The body is cut into chunks, and the size of one of them cannot be."),
        // What the database refuses for what it is, and not for its own state, is a bug of ours.
        PostgresException e when !Outage.Is(e) => null,
        NpgsqlException or TimeoutException => Problems.Of(
            Problems.DatabaseUnavailable, "The database cannot be reached. Try again shortly."),
        _ => null,
    };

    private static Task Empty(HttpContext context)
    {
        var kind = Problems.OfStatus(context.Response.StatusCode);
        var detail = kind.Slug switch
        {
            "not-found" => $"There is nothing at {context.Request.Path}; /docs lists what there is.",
            "method-not-allowed" => $"{context.Request.Method} is not a method of {context.Request.Path}.",
            _ => "The request cannot be answered as it is.",
        };
        return Problems.Of(kind, detail).ExecuteAsync(context);
    }

    private static string Text()
    {
        using var reader = new StreamReader(Assembly.GetExecutingAssembly().GetManifestResourceStream("errors.md")!);
        return reader.ReadToEnd();
    }
}

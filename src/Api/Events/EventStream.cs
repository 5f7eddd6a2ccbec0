using System.Buffers;
using System.Diagnostics;
using System.IO.Pipelines;
using System.Reflection;
using Bifrost.Api.Access;
using Microsoft.AspNetCore.Http.Metadata;
using Npgsql;

namespace Bifrost.Api.Events;

/// <summary>What a stream is to carry.</summary>
/// <param name="After">The sequence that its events come after.</param>
/// <param name="WithPrices">Whether prices are told too.</param>
/// <param name="Symbols">Those whose prices are told; null for all.</param>
internal sealed record StreamContent(
    long After, Audience Audience, bool WithPrices, IReadOnlyCollection<string>? Symbols);

/// <summary>
/// One client's stream: a place in the log that moves on as the client reads. What a client does not read waits in the
/// log, and not in memory.
/// </summary>
internal sealed class EventStream(
    EventStreams shared, KeyRing keys, Caller caller, StreamContent content)
    : IResult, IEndpointMetadataProvider
{
    // Enough for a system call to be worth it, little enough to be held for each of many clients.
    private const int EnoughToSend = 32 * 1024;

    // A key that is revoked is to be good for nothing within seconds, and a stream may last for days.
    private static readonly TimeSpan Recognition = TimeSpan.FromSeconds(1);

    private readonly Backlog backlog = new(shared.Pages, content.Audience);
    private long place = content.After;
    private long round = shared.Prices.Round;
    private bool isSending;
    private bool isBehindWindow;

    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder) =>
        builder.Metadata.Add(new ProducesResponseTypeMetadata(200, typeof(string), [Sse.ContentType]));

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var stopping = shared.Lifetime.ApplicationStopping;
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(httpContext.RequestAborted, stopping);
        var response = httpContext.Response;
        response.ContentType = Sse.ContentType;
        response.Headers.CacheControl = "no-cache, no-store";
        // Nginx would keep messages until it has a buffer full of them.
        response.Headers["X-Accel-Buffering"] = "no";
        try
        {
            using var _ = shared.Tail.Listen();
            await Run(response.BodyWriter, ending.Token);
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // A client that does not read would hold up the end of the server.
            if (isSending)
                httpContext.Abort();
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException)
        {
            // The answer has begun, so it can only end. The client comes back, and goes on where it was.
            shared.Logger.LogWarning(e, "An event stream ended, because the log cannot be read");
        }
        finally
        {
            IsBehind(false);
        }
    }

    private async Task Run(PipeWriter body, CancellationToken ending)
    {
        // Whoever reads the first bytes knows that nothing that is committed from now on is missed.
        Sse.WriteComment(body);
        await Send(body, ending);
        var lastSent = Stopwatch.GetTimestamp();
        var recognized = lastSent;
        while (true)
        {
            if (Stopwatch.GetElapsedTime(recognized) >= Recognition)
            {
                if (!await keys.StillHolds(caller))
                    return;
                recognized = Stopwatch.GetTimestamp();
            }
            var rung = shared.Bell.Next;
            var (written, isBehind) = await WriteEvents(body, ending);
            written += WritePrices(body);
            if (written == 0 && !isBehind && Stopwatch.GetElapsedTime(lastSent) >= shared.Heartbeat)
                written = WriteHeartbeat(body);
            if (written > 0)
            {
                await Send(body, ending);
                lastSent = Stopwatch.GetTimestamp();
            }
            if (!isBehind)
                await rung.WaitAsync(ending);
        }
    }

    /// <returns>The bytes that were written, and whether there may be more.</returns>
    private async ValueTask<(int Written, bool IsBehind)> WriteEvents(PipeWriter body, CancellationToken ending)
    {
        // Where there is none, the tail is about to make one and to ring.
        if (shared.Tail.Window is not { } window)
            return (0, false);
        var written = 0;
        while (window.TryNext(place, out var frames))
        {
            IsBehind(false);
            if (frames is null || written >= EnoughToSend)
                return (written, frames is not null);
            written += frames.Write(body, place, content.Audience);
            place = frames.Last.Sequence;
        }
        // Taken before the log is read, which then shows all up to there: where it has no more, the window goes on.
        IsBehind(true);
        var from = window.From;
        var page = await backlog.Read(place, ending);
        written += page.Write(body, place, content.Audience);
        if (!page.IsEmpty)
            place = page.Last.Sequence;
        if (!page.IsFull)
            place = Math.Max(place, from);
        return (written, true);
    }

    private void IsBehind(bool isSo)
    {
        if (isSo != isBehindWindow)
            shared.Tail.Behind(isSo);
        isBehindWindow = isSo;
    }

    private int WritePrices(PipeWriter body)
    {
        if (!content.WithPrices)
            return 0;
        (var message, round) = shared.Prices.After(round, content.Symbols);
        body.Write(message);
        return message.Length;
    }

    // The place goes with it, so that a client of a quiet portfolio does not come back to where it began. To clients
    // a message without data is none.
    private int WriteHeartbeat(PipeWriter body)
    {
        Sse.WriteComment(body);
        Sse.WriteId(body, place);
        Sse.EndBlock(body);
        return 1;
    }

    private async ValueTask Send(PipeWriter body, CancellationToken ending)
    {
        isSending = true;
        await body.FlushAsync(ending);
        isSending = false;
    }
}

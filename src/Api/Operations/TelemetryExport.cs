using Bifrost.Api.Access;
using Npgsql;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace Bifrost.Api.Operations;

/// <summary>
/// Meters at /metrics in Prometheus' text format, and meters and traces over OTLP where OTEL_EXPORTER_OTLP_ENDPOINT
/// says whereto.
/// </summary>
internal static class TelemetryExport
{
    public static void Add(IServiceCollection services)
    {
        var isSent = Environment.GetEnvironmentVariable("OTEL_EXPORTER_OTLP_ENDPOINT") is { Length: > 0 };
        var telemetry = services.AddOpenTelemetry().WithMetrics(meters =>
        {
            meters
                .AddMeter(
                    Grains.Telemetry.Name,
                    Workers.Checking.ProjectionCheck.MeterName,
                    Workers.Anchors.AnchorState.MeterName,
                    Workers.Watching.StallWatch.MeterName,
                    Events.EventTail.MeterName)
                .AddAspNetCoreInstrumentation()
                .AddHttpClientInstrumentation()
                .AddRuntimeInstrumentation()
                .AddNpgsqlInstrumentation()
                .AddPrometheusExporter(scrape =>
                {
                    // Whoever asks twice wants to see what has happened in between.
                    scrape.ScrapeResponseCacheDurationMilliseconds = 0;
                    scrape.ScopeInfoEnabled = false;
                    scrape.TargetInfoEnabled = false;
                });
            if (isSent)
                meters.AddOtlpExporter();
        });
        // Nobody listens otherwise, and activities that nobody listens to cost nothing.
        if (isSent)
        {
            telemetry.WithTracing(traces => traces
                .AddSource(Grains.Telemetry.Name)
                .AddAspNetCoreInstrumentation()
                .AddHttpClientInstrumentation()
                .AddNpgsql()
                .AddOtlpExporter());
        }
    }

    public static void Map(IEndpointRouteBuilder routes) => routes.MapPrometheusScrapingEndpoint("/metrics")
        .OpenTo(AccessRule.Operate)
        // It is no handler, so the description of the API has to be told what it takes and gives.
        .WithMetadata(
            new HttpMethodMetadata([HttpMethods.Get]),
            new ProducesResponseTypeMetadata(200, typeof(string), ["text/plain"]),
            ((Delegate)Scrape).Method)
        .WithName("Metrics").WithTags("Operations").WithSummary("Meters in Prometheus' text format");

    private static string Scrape() => "";
}

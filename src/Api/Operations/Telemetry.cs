using Npgsql;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace Bifrost.Api.Operations;

/// <summary>
/// .NET's own meters and activities, given out at /metrics, and over OTLP where OTEL_EXPORTER_OTLP_ENDPOINT says
/// whereto.
/// </summary>
internal sealed class TelemetryExport : IDisposable
{
    private static readonly string[] Meters =
    [
        Grains.Telemetry.Name,
        Workers.Checking.ProjectionCheck.MeterName,
        Workers.Anchors.AnchorState.MeterName,
        "Npgsql",
        "Microsoft.AspNetCore.Hosting",
        "Microsoft.AspNetCore.Server.Kestrel",
        "System.Runtime",
    ];

    private readonly MeterProvider meters;
    private readonly TracerProvider? traces;

    public TelemetryExport(Metrics metrics)
    {
        var isExported = Environment.GetEnvironmentVariable("OTEL_EXPORTER_OTLP_ENDPOINT") is { Length: > 0 };
        var meterBuilder = Sdk.CreateMeterProviderBuilder().AddMeter(Meters).AddReader(metrics.Reader);
        meters = (isExported ? meterBuilder.AddOtlpExporter() : meterBuilder).Build();
        // Nobody listens otherwise, and activities that nobody listens to cost nothing.
        traces = isExported
            ? Sdk.CreateTracerProviderBuilder()
                .AddSource(Grains.Telemetry.Name, "Npgsql", "Microsoft.AspNetCore").AddOtlpExporter().Build()
            : null;
    }

    public void Dispose()
    {
        meters.Dispose();
        traces?.Dispose();
    }
}

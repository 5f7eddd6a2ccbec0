using System.Globalization;
using System.Text;
using Bifrost.Api.Access;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace Bifrost.Api.Operations;

/// <summary>
/// The process's meters in Prometheus' text format, version 0.0.4, collected when they are asked for.
/// </summary>
internal sealed class Metrics : BaseExporter<Metric>
{
    private readonly StringBuilder text = new();
    private readonly Lock gate = new();
    private BaseExportingMetricReader? reader;

    /// <summary>The reader to register with the meter provider.</summary>
    public MetricReader Reader => reader ??= new BaseExportingMetricReader(this);

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapGet("/metrics", (Metrics metrics) => TypedResults.Text(metrics.Collect(), "text/plain; version=0.0.4"))
        .OpenTo(AccessRule.Operate)
        .WithName("Metrics").WithTags("Operations").WithSummary("Meters in Prometheus' text format");

    private string Collect()
    {
        lock (gate)
        {
            text.Clear();
            Reader.Collect();
            return text.ToString();
        }
    }

    public override ExportResult Export(in Batch<Metric> batch)
    {
        // A server that ends within its process, as a node does that joins its cluster again, takes its meters with it:
        // they come a last time, before those of the next one.
        var latest = new Dictionary<string, Metric>();
        foreach (var metric in batch)
            latest[Name(metric)] = metric;
        foreach (var (name, metric) in latest)
            Write(name, metric);
        return ExportResult.Success;
    }

    private void Write(string name, Metric metric)
    {
        var kind = metric.MetricType switch
        {
            MetricType.Histogram => "histogram",
            MetricType.LongSum or MetricType.DoubleSum => "counter",
            _ => "gauge",
        };
        if (metric.Description.Length > 0)
            text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {metric.Description}\n");
        text.Append(CultureInfo.InvariantCulture, $"# TYPE {name} {kind}\n");
        foreach (ref readonly var point in metric.GetMetricPoints())
            Write(metric.MetricType, name, in point);
    }

    private void Write(MetricType type, string name, in MetricPoint point)
    {
        var labels = Labels(point);
        switch (type)
        {
            case MetricType.LongSum or MetricType.LongSumNonMonotonic:
                Line(name, labels, point.GetSumLong());
                break;
            case MetricType.DoubleSum or MetricType.DoubleSumNonMonotonic:
                Line(name, labels, point.GetSumDouble());
                break;
            case MetricType.LongGauge:
                Line(name, labels, point.GetGaugeLastValueLong());
                break;
            case MetricType.DoubleGauge:
                Line(name, labels, point.GetGaugeLastValueDouble());
                break;
            case MetricType.Histogram:
                Buckets(name, labels, in point);
                break;
        }
    }

    private void Buckets(string name, string labels, in MetricPoint point)
    {
        var below = 0L;
        foreach (var bucket in point.GetHistogramBuckets())
        {
            below += bucket.BucketCount;
            var bound = double.IsPositiveInfinity(bucket.ExplicitBound)
                ? "+Inf"
                : bucket.ExplicitBound.ToString(CultureInfo.InvariantCulture);
            Line($"{name}_bucket", $"{labels}{(labels.Length > 0 ? "," : "")}le=\"{bound}\"", below);
        }
        Line($"{name}_sum", labels, point.GetHistogramSum());
        Line($"{name}_count", labels, point.GetHistogramCount());
    }

    private void Line(string name, string labels, double value) => text.Append(
        CultureInfo.InvariantCulture, $"{name}{(labels.Length > 0 ? $"{{{labels}}}" : "")} {value}\n");

    private static string Labels(in MetricPoint point)
    {
        var labels = new List<string>();
        foreach (var tag in point.Tags)
        {
            var value = Convert.ToString(tag.Value, CultureInfo.InvariantCulture) ?? "";
            var escaped = value.Replace("\\", "\\\\").Replace("\"", "\\\"").Replace("\n", "\\n");
            labels.Add($"{Plain(tag.Key)}=\"{escaped}\"");
        }
        return string.Join(",", labels);
    }

    // Prometheus' conventions: underscores, the unit as a suffix, and _total on what only grows.
    private static string Name(Metric metric)
    {
        var name = Plain(metric.Name);
        var unit = metric.Unit switch { "s" => "_seconds", "By" => "_bytes", _ => "" };
        var total = metric.MetricType is MetricType.LongSum or MetricType.DoubleSum ? "_total" : "";
        return (name.EndsWith(unit, StringComparison.Ordinal) ? name : name + unit) + total;
    }

    private static string Plain(string name) =>
        string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '_'));
}

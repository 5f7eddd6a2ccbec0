using Bifrost.Api.Access;
using Bifrost.Api.Http;
using Bifrost.Api.Operations;
using Bifrost.Audit.Anchors;
using Bifrost.Grains;
using Bifrost.Jobs;
using Bifrost.MarketData.Files;
using Bifrost.Messaging;
using Bifrost.Webhooks;
using Bifrost.Workers;
using Bifrost.Workers.Anchors;
using Bifrost.Workers.Checking;
using Bifrost.Workers.Feeds;
using Bifrost.Workers.Jobs;
using Bifrost.Workers.Prices;
using Bifrost.Workers.Watching;
using Orleans.Dashboard;
using Serilog;
using Serilog.Events;

namespace Bifrost.Api;

/// <summary>What the server is told when it starts.</summary>
/// <param name="Database">An Npgsql connection string.</param>
/// <param name="Urls">Where to listen, such as http://127.0.0.1:8000; port 0 takes a free one.</param>
/// <param name="JsonLogs">Logs as JSON lines instead of text.</param>
/// <param name="Redis">host:port of a Redis server that shares prices between processes; null for none.</param>
public sealed record ServerOptions(string Database, string Urls, bool JsonLogs = false, string? Redis = null)
{
    /// <summary>
    /// How long an event stream may be quiet before it says that it lives: less than proxies wait before they give a
    /// connection up, the usual being a minute.
    /// </summary>
    public TimeSpan Heartbeat { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Where anchors are kept; nowhere, unless said otherwise.</summary>
    public AuditOptions Audit { get; init; } = new();

    /// <summary>Who may do what; without more, whoever reaches a server on loopback is its operator.</summary>
    public AccessOptions Access { get; init; } = new();

    /// <summary>The cluster to be a node of; null for a server by itself.</summary>
    public ClusterSettings? Cluster { get; init; }

    /// <summary>Where bars come from by themselves; nowhere, unless said otherwise.</summary>
    public FeedOptions Feeds { get; init; } = new();

    /// <summary>How much of one file or body of bars is read and kept.</summary>
    public LoadLimits Loads { get; init; } = new();

    /// <summary>How long each thing may take before it is said that something is wrong.</summary>
    public WatchLimits Limits { get; init; } = new();

    /// <summary>How other programs are told of events.</summary>
    public WebhookOptions Webhooks { get; init; } = new();
}

/// <summary>The HTTP server: the command and read API over one ledger.</summary>
public static class BifrostServer
{
    // The largest request is an order that names a thousand lots, some 50 kB.
    private const int LargestBody = 1024 * 1024;

    public static WebApplication Create(ServerOptions options)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls(options.Urls);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = LargestBody;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
        });
        builder.Services.AddSerilog(Logs(options.JsonLogs), dispose: true);
        MessagingModule.Add(builder, options.Database);
        AddServices(builder.Services, options);
        builder.UseOrleans(silo =>
        {
            LedgerSilo.Add(silo, new LedgerOptions(options.Database) { Cluster = options.Cluster });
            if (options.Cluster is not null)
                silo.AddDashboard();
        });

        var app = builder.Build();
        SecurityHeaders.Use(app);
        ErrorPages.Use(app);
        VerifiedHeader.Use(app);
        Gate.Use(app);
        KnownQuery.Use(app);
        MapRoutes(app);
        return app;
    }

    /// <summary>Whether a server that has started takes whoever reaches it for its operator.</summary>
    public static bool IsOpen(WebApplication app) => app.Services.GetRequiredService<AccessAtStart>().IsOpen;

    private static void AddServices(IServiceCollection services, ServerOptions options)
    {
        services.AddSingleton(options);
        services.AddSingleton(options.Loads);
        HttpModule.Add(services);
        Portfolios.PortfolioModule.Add(services, options.Database);
        Holdings.HoldingModule.Add(services);
        Audit.AuditModule.Add(services);
        MarketData.MarketDataModule.Add(services, options);
        MarketModule.Add(services, options.Database);
        PriceModule.Add(services);
        FeedModule.Add(services, options.Feeds);
        JobModule.Add(services);
        WebhookModule.Add(services, options.Webhooks);
        JobKindModule.Add(services, options.Database);
        CheckModule.Add(services);
        AnchorModule.Add(services, options.Audit);
        Events.EventStreams.Add(services);
        WatchModule.Add(services, options.Database, options.Limits);
        AccessServices.Add(services, options.Access);
        HealthChecks.Add(services, options);
        TelemetryExport.Add(services);
        OpenApi.Add(services);
    }

    private static void MapRoutes(WebApplication app)
    {
        var api = app.MapGroup("/api");
        Portfolios.PortfolioModule.Map(api);
        Funding.FundingModule.Map(api);
        Orders.OrderModule.Map(api);
        Executions.ExecutionModule.Map(api);
        CorporateActions.RecordCorporateActionRoutes.Map(api);
        Holdings.HoldingModule.Map(api);
        Audit.AuditModule.Map(api);
        ListAccessRecordsRoute.Map(api);
        Events.StreamEventsRoute.Map(api);
        MarketData.MarketDataModule.Map(api);
        Instruments.InstrumentModule.Map(api);
        Jobs.JobRoutes.Map(api);
        Jobs.ScheduleRoutes.Map(api);
        Webhooks.WebhookRoutes.Map(api);
        Webhooks.DeliveryRoutes.Map(api);
        HealthRoutes.Map(app);
        TelemetryExport.Map(app);
        if (app.Services.GetRequiredService<ServerOptions>().Cluster is not null)
            NodesPages.Map(app);
        ErrorPages.Map(app);
        app.MapOpenApi("/openapi/v1.json").OpenTo(AccessRule.Everybody);
        app.UseSwaggerUI(ui =>
        {
            ui.RoutePrefix = "docs";
            ui.DocumentTitle = "Bifrost API";
            ui.SwaggerEndpoint("/openapi/v1.json", "Bifrost v1");
        });
    }

    private static Serilog.Core.Logger Logs(bool json)
    {
        var configuration = new LoggerConfiguration()
            .MinimumLevel.Information()
            .MinimumLevel.Override("Microsoft", LogEventLevel.Warning)
            // A failure to start is told by whoever started the server, in a sentence.
            .MinimumLevel.Override("Microsoft.Extensions.Hosting", LogEventLevel.Fatal)
            // Told to whoever asks, as often as they ask; what is wrong is logged where it happens.
            .MinimumLevel.Override("Microsoft.Extensions.Diagnostics.HealthChecks", LogEventLevel.Fatal)
            // Whoever shows wrong keys is not to fill the log.
            .MinimumLevel.Override(typeof(Credentials).FullName!, LogEventLevel.Warning)
            .MinimumLevel.Override("Orleans", LogEventLevel.Warning)
            // Advises the collector's other mode, which was measured to be worse here.
            .MinimumLevel.Override("Orleans.Runtime.Silo", LogEventLevel.Error)
            // At the start it takes the machine's age for the time that a check has taken.
            .MinimumLevel.Override("Orleans.Runtime.Watchdog", LogEventLevel.Error)
            // Handlers are registered one by one, and it misses those that it would look for.
            .MinimumLevel.Override("Wolverine", LogEventLevel.Warning)
            .MinimumLevel.Override("Wolverine.Configuration.HandlerDiscovery", LogEventLevel.Error)
            // Tells of each grain that is placed.
            .MinimumLevel.Override("Polly", LogEventLevel.Error)
            .Enrich.FromLogContext();
        return json
            ? configuration.WriteTo.Console(
                new Serilog.Formatting.Json.JsonFormatter(renderMessage: true)).CreateLogger()
            : configuration.WriteTo.Console(
                outputTemplate: "{Timestamp:HH:mm:ss.fff} {Level:u3} {Message:lj}{NewLine}{Exception}",
                formatProvider: System.Globalization.CultureInfo.InvariantCulture).CreateLogger();
    }
}

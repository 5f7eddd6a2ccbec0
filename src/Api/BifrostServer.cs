using System.Text.Json.Serialization;
using Bifrost.Api.Access;
using Bifrost.Api.Http;
using Bifrost.Api.Operations;
using Bifrost.Audit.Anchors;
using Bifrost.Audit.Books;
using Bifrost.Audit.History;
using Bifrost.EventStore;
using Bifrost.Grains;
using Bifrost.MarketData.Prices;
using Bifrost.Replay.Explaining;
using Bifrost.Replay.TimeTravel;
using Bifrost.Workers;
using Dapper;
using Npgsql;
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
        MapRoutes(app);
        return app;
    }

    /// <summary>Whether a server that has started takes whoever reaches it for its operator.</summary>
    public static bool IsOpen(WebApplication app) => app.Services.GetRequiredService<AccessAtStart>().IsOpen;

    private static void AddServices(IServiceCollection services, ServerOptions options)
    {
        var database = options.Database;
        DefaultTypeMap.MatchNamesWithUnderscores = true;
        services.ConfigureHttpJsonOptions(
            json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, ApiJson.Default));
        services.ConfigureHttpJsonOptions(json => json.SerializerOptions.Converters.Add(new DecimalText()));
        // Whole numbers are numbers; only decimals travel as strings, and they have a converter of their own.
        services.ConfigureHttpJsonOptions(json => json.SerializerOptions.NumberHandling = JsonNumberHandling.Strict);
        services.AddSingleton(_ => LedgerConnections.Readers(database));
        services.AddSingleton<EventLog>();
        services.AddSingleton<Explainer>();
        services.AddSingleton<EventHistory>();
        services.AddSingleton<PortfolioBooks>();
        services.AddSingleton<Writes>();
        services.AddSingleton<Travel>();
        services.AddSingleton<PastMarks>();
        services.AddSingleton<PastTrades>();
        services.AddSingleton<PastReads>();
        services.AddSingleton<Holdings.HoldingReads>();
        services.AddSingleton<Holdings.PastTradeReads>();
        services.AddSingleton(options);
        AddPrices(services, options);
        WorkerServices.Add(services, database, options.Feeds);
        WorkerServices.AddAnchors(services, options.Audit);
        Events.EventStreams.Add(services);
        AccessServices.Add(services, options.Access);
        HealthChecks.Add(services, options);
        TelemetryExport.Add(services);
        OpenApi.Add(services);
    }

    private static void AddPrices(IServiceCollection services, ServerOptions options)
    {
        var prefix = RedisConnection.PrefixOf(options.Database);
        if (options.Redis is { } redis)
        {
            services.AddSingleton(provider => new RedisConnection(
                redis, provider.GetRequiredService<ILogger<RedisConnection>>()));
            services.AddSingleton<ILatestPrices>(provider => new RedisPrices(
                provider.GetRequiredService<RedisConnection>(), prefix));
        }
        else
        {
            services.AddSingleton<ILatestPrices, MemoryPrices>();
        }
        services.AddSingleton(provider => new PriceFeed(
            provider.GetRequiredService<ILogger<PriceFeed>>(), provider.GetService<RedisConnection>(), prefix));
    }

    private static void MapRoutes(WebApplication app)
    {
        var api = app.MapGroup("/api");
        Portfolios.OpenPortfolioRoute.Map(api);
        Portfolios.ListPortfoliosRoute.Map(api);
        Portfolios.GetPortfolioRoute.Map(api);
        Portfolios.ChangePortfolioRoute.Map(api);
        Portfolios.ClosePortfolioRoute.Map(api);
        Funding.MoveCashRoute.Map(api);
        Funding.ListFundingRoute.Map(api);
        Funding.ListCashBalancesRoute.Map(api);
        Orders.PlaceOrderRoute.Map(api);
        Orders.GetOrderRoute.Map(api);
        Orders.ListOrdersRoute.Map(api);
        Orders.ReplaceOrderRoute.Map(api);
        Orders.EndOrderRoutes.Map(api);
        Executions.ReportExecutionRoute.Map(api);
        Executions.RecordExecutionRoute.Map(api);
        Executions.AmendExecutionRoutes.Map(api);
        Executions.ListTransactionsRoute.Map(api);
        CorporateActions.RecordCorporateActionRoutes.Map(api);
        Holdings.ListHoldingsRoute.Map(api);
        Holdings.ListTradesRoute.Map(api);
        Audit.GetTrialBalanceRoute.Map(api);
        Audit.ExplainRoute.Map(api);
        Audit.GetAnchorRoute.Map(api);
        Audit.GetProofRoutes.Map(api);
        ListAccessRecordsRoute.Map(api);
        Audit.ListEventsRoute.Map(api);
        Audit.ListJournalRoute.Map(api);
        Audit.ExportHistoryRoute.Map(api);
        Events.StreamEventsRoute.Map(api);
        MapMarketData(api);
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

    private static void MapMarketData(RouteGroupBuilder api)
    {
        MarketData.ListSymbolsRoute.Map(api);
        MarketData.GetSymbolRoute.Map(api);
        MarketData.DescribeSymbolRoute.Map(api);
        MarketData.ListFlagsRoute.Map(api);
        MarketData.ListBarsRoute.Map(api);
        MarketData.LoadBarsRoute.Map(api);
        MarketData.GetLatestPricesRoute.Map(api);
        MarketData.ListStatisticsRoute.Map(api);
        MarketData.ListQuarantineRoute.Map(api);
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

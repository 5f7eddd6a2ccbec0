using System.Text.Json.Serialization;
using Bifrost.Api.Http;
using Bifrost.Api.Operations;
using Bifrost.EventStore;
using Bifrost.Grains;
using Dapper;
using Npgsql;
using Serilog;
using Serilog.Events;

namespace Bifrost.Api;

/// <summary>What the server is told when it starts.</summary>
/// <param name="Database">An Npgsql connection string.</param>
/// <param name="Urls">Where to listen, such as http://127.0.0.1:8000; port 0 takes a free one.</param>
/// <param name="JsonLogs">Logs as JSON lines instead of text.</param>
public sealed record ServerOptions(string Database, string Urls, bool JsonLogs = false);

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
        builder.Logging.ClearProviders();
        builder.Logging.AddSerilog(Logs(options.JsonLogs), dispose: true);
        AddServices(builder.Services, options.Database);

        var app = builder.Build();
        // Built now, so that the first scrape finds what was counted since the start.
        app.Services.GetRequiredService<TelemetryExport>();
        ErrorPages.Use(app);
        MapRoutes(app);
        return app;
    }

    private static void AddServices(IServiceCollection services, string database)
    {
        DefaultTypeMap.MatchNamesWithUnderscores = true;
        services.ConfigureHttpJsonOptions(
            json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, ApiJson.Default));
        services.ConfigureHttpJsonOptions(json => json.SerializerOptions.Converters.Add(new DecimalText()));
        // Whole numbers are numbers; only decimals travel as strings, and they have a converter of their own.
        services.ConfigureHttpJsonOptions(json => json.SerializerOptions.NumberHandling = JsonNumberHandling.Strict);
        services.AddSingleton(_ => LedgerConnections.Readers(database));
        services.AddSingleton<EventLog>();
        services.AddSingleton(provider => new Ledger(
            provider.GetRequiredService<NpgsqlDataSource>(),
            LedgerConnections.Writer(database),
            provider.GetRequiredService<ILogger<Ledger>>()));
        services.AddSingleton<Writes>();
        services.AddSingleton<Metrics>();
        services.AddSingleton<TelemetryExport>();
        OpenApi.Add(services);
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
        Holdings.ListHoldingsRoute.Map(api);
        Holdings.ListTradesRoute.Map(api);
        Audit.GetTrialBalanceRoute.Map(api);
        HealthRoutes.Map(app);
        Metrics.Map(app);
        ErrorPages.Map(app);
        app.MapOpenApi("/openapi/v1.json");
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
            .Enrich.FromLogContext();
        return json
            ? configuration.WriteTo.Console(
                new Serilog.Formatting.Json.JsonFormatter(renderMessage: true)).CreateLogger()
            : configuration.WriteTo.Console(
                outputTemplate: "{Timestamp:HH:mm:ss.fff} {Level:u3} {Message:lj}{NewLine}{Exception}",
                formatProvider: System.Globalization.CultureInfo.InvariantCulture).CreateLogger();
    }
}

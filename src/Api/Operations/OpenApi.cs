using System.Text.Json.Nodes;
using Bifrost.Api.Access;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Bifrost.Api.Operations;

/// <summary>The published description of the API, with an example for each request.</summary>
internal static class OpenApi
{
    private const string Bearer = "bearer";
    private const string Key = "key";
    private const string Split =
        """{"type": "SPLIT", "symbol": "ORCL", "numerator": 2, "denominator": 1,"""
        + """ "effectiveAt": "2024-03-08T13:30:00Z"}""";
    private const string Dividend = """{"amount": "0.43", "tax": "0.08"}""";
    private const string Moment = """{"occurredAt": "2024-03-08T21:00:00Z"}""";

    private static readonly Dictionary<string, string> Examples = new()
    {
        ["OpenPortfolio"] = """{"userId": 1, "name": "Growth", "currency": "USD", "lotMethod": "FIFO"}""",
        ["ChangePortfolio"] = """{"name": "Growth and income", "lotMethod": "HIFO"}""",
        ["MoveCash"] = """{"type": "DEPOSIT", "amount": "10000.00", "description": "First deposit"}""",
        ["PlaceOrder"] =
            """{"clientOrderId": "abc-1", "symbol": "ORCL", "side": "BUY", "type": "LIMIT","""
            + """ "quantity": "100", "limitPrice": "45.10"}""",
        ["ReplaceOrder"] = """{"quantity": "120", "limitPrice": "45.25"}""",
        ["ReportExecution"] =
            """{"executionId": "X-1", "quantity": "100", "price": "45.08", "commission": "1.00", "venue": "XNYS"}""",
        ["RecordExecution"] =
            """{"executionId": "B-7", "symbol": "KO", "side": "BUY", "quantity": "10","""
            + """ "price": "61.5", "commission": "0.5"}""",
        ["RecordCorporateAction"] = Split,
        ["RecordCorporateActionOfAll"] = Split,
        ["CorrectExecution"] = """{"price": "45.07"}""",
        ["CorrectPortfolioExecution"] = """{"price": "61.4", "correctionId": "B-7.1"}""",
        ["CorrectFunding"] = Dividend,
        ["CorrectExternalFunding"] = Dividend,
        ["LoadBars"] =
            """[{"symbol": "ORCL", "time": "2024-03-08T14:30:00Z", "open": 112.4, "high": 112.6, "low": 112.3,"""
            + """ "close": 112.5, "volume": 18200}]""",
        ["DescribeSymbol"] = """{"name": "Oracle Corporation", "assetType": "Stock", "exchange": "XNYS"}""",
        ["AddInstrument"] =
            """{"symbol": "CL=F", "type": "FUTURE", "currency": "USD", "multiplier": "1000", "exchange": "CME","""
            + """ "allowsNonPositivePrice": true, "name": "Crude oil"}""",
        ["ChangeInstrument"] = """{"priceDecimals": 2, "exchange": "NYSE"}""",
        ["PutAlias"] = """{"source": "ibkr", "validTo": "2022-06-09"}""",
        ["StartJob"] = """{"kind": "export", "arguments": {"format": "csv", "portfolioId": 1}}""",
        ["SetSchedule"] = """{"kind": "audit", "cron": "30 6 * * MON-FRI", "zone": "Europe/Berlin"}""",
        ["CreateWebhook"] =
            """{"url": "https://example.com/hook", "eventTypes": ["order_executed"], "portfolioId": 7}""",
        ["ChangeWebhook"] = """{"active": false}""",
        ["ReplayWebhook"] = """{"from": 4711, "to": 4790}""",
        ["BustExecution"] = Moment,
        ["BustPortfolioExecution"] = Moment,
        ["ReverseFunding"] = Moment,
        ["ReverseExternalFunding"] = Moment,
        ["ExpireOrder"] = Moment,
        ["ClosePortfolio"] = Moment,
    };

    public static void Add(IServiceCollection services) => services.AddOpenApi("v1", options =>
    {
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info.Title = "Bifrost";
            document.Info.Version = "v1";
            document.Info.Description =
                "An event-sourced trading ledger. Decimals are strings in answers; requests take strings or numbers. "
                + "Every write takes Idempotency-Key: a repeat is answered the same, with Idempotency-Replayed: true.";
            DescribeCredentials(document);
            return Task.CompletedTask;
        });
        options.AddSchemaTransformer((schema, context, _) =>
        {
            // Written as strings, so that no reader loses digits in a binary float.
            if (context.JsonTypeInfo.Type == typeof(decimal) || context.JsonTypeInfo.Type == typeof(decimal?))
                (schema.Type, schema.Format) = (JsonSchemaType.String, "decimal");
            return Task.CompletedTask;
        });
        options.AddOperationTransformer(Describe);
    });

    private static void DescribeCredentials(OpenApiDocument document)
    {
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
        {
            [Bearer] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http,
                Scheme = "bearer",
                Description = "An API key (bfk_…), or a JSON web token of the issuer that the server trusts.",
            },
            [Key] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.ApiKey,
                In = ParameterLocation.Header,
                Name = "X-Api-Key",
                Description = "An API key. A server on loopback that has no keys needs none.",
            },
        };
    }

    private static void DescribeAccess(OpenApiOperation operation, OpenApiOperationTransformerContext context)
    {
        var rule = context.Description.ActionDescriptor.EndpointMetadata.OfType<AccessRule>().Single();
        if (rule.Roles == Roles.None)
            return;
        operation.Security =
        [
            new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Bearer, context.Document)] = [] },
            new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Key, context.Document)] = [] },
        ];
        operation.Responses ??= [];
        operation.Responses.TryAdd("401", new OpenApiResponse { Description = "No key or token, or a wrong one" });
        if (rule.Roles != Roles.All)
        {
            var right = rule.Needs == Rights.None
                ? ""
                : $"; or without the right {string.Join(", ", rule.Needs.Words())}";
            operation.Responses.TryAdd(
                "403", new OpenApiResponse { Description = $"Not one of: {string.Join(", ", rule.Words)}{right}" });
        }
        operation.Responses.TryAdd("429", new OpenApiResponse { Description = "Too many requests: see Retry-After" });
    }

    private static Task Describe(
        OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken _)
    {
        DescribeAccess(operation, context);
        if (context.Description.HttpMethod is not ("GET" or null))
        {
            operation.Parameters ??= [];
            operation.Parameters.Add(Header("Idempotency-Key", "Applied once; a repeat is answered the same."));
            operation.Parameters.Add(
                Header("If-Match", "The portfolio's version in quotes; refused where it has moved on."));
        }
        if (operation.OperationId is { } id && Examples.TryGetValue(id, out var example)
            && operation.RequestBody?.Content?.TryGetValue("application/json", out var content) == true)
        {
            content.Example = JsonNode.Parse(example);
        }
        return Task.CompletedTask;
    }

    private static OpenApiParameter Header(string name, string description) => new()
    {
        Name = name,
        In = ParameterLocation.Header,
        Description = description,
        Schema = new OpenApiSchema { Type = JsonSchemaType.String },
    };
}

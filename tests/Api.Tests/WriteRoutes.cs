using System.Net;
using Bifrost.Harness;

namespace Bifrost.Api.Tests;

/// <summary>A write that is ready to be sent, and another one of the same route.</summary>
/// <param name="Expected">What the first is answered.</param>
/// <param name="OtherPath">Where the other one differs by its target, because it has no body.</param>
internal sealed record Write(
    HttpMethod Method, string Path, object? Body, HttpStatusCode Expected, object? Other, string? OtherPath = null)
{
    public Task<ApiAnswer> Send(ApiClient api, string key) => Send(api, Path, Body, key);

    public Task<ApiAnswer> SendOther(ApiClient api, string key) => Send(api, OtherPath ?? Path, Other, key);

    private Task<ApiAnswer> Send(ApiClient api, string path, object? body, string key) => Method.Method switch
    {
        "POST" => api.Post(path, body, key),
        "PATCH" => api.Patch(path, body, key),
        _ => api.Delete(path, key),
    };
}

/// <summary>Every route that writes, each with what it needs made first.</summary>
internal static class WriteRoutes
{
    private static readonly string Moment = "2024-03-08T14:30:00Z";

    public static readonly string[] Names =
    [
        "open", "change", "close", "deposit", "refused withdrawal", "order", "refused order", "replace",
        "refused replace", "cancel", "expire", "execute", "record", "correct", "bust",
        "split", "correct by portfolio", "bust by portfolio", "correct funding", "reverse funding",
    ];

    public static TheoryData<string> All => [.. Names];

    public static async Task<Write> Prepare(LedgerFixture server, string route)
    {
        var (portfolio, filled) = await server.OpenWithShares("KO", 10m, 10m);
        (await server.Api.Post($"/api/portfolios/{portfolio}/funding", Prepared)).Expect(HttpStatusCode.Created);
        var working = await server.Place(portfolio, "BUY", "ORCL", 10m, 5m);
        return OfPortfolio(route, portfolio, await EmptyPortfolio(server, route))
            ?? OfOrder(route, working, await server.Place(portfolio, "BUY", "ORCL", 1m, 5m))
            ?? OfExecution(route, working, filled);
    }

    private static Task<int> EmptyPortfolio(LedgerFixture server, string route) =>
        route == "close" ? server.Api.OpenPortfolio(0m) : Task.FromResult(0);

    private static Write? OfPortfolio(string route, int portfolio, int empty)
    {
        var of = $"/api/portfolios/{portfolio}";
        var name = $"Portfolio {Guid.NewGuid()}";
        return route switch
        {
            "open" => Post("/api/portfolios", new { userId = 1, name }, new { userId = 2, name }),
            "change" => new Write(HttpMethod.Patch, of, new { name }, HttpStatusCode.OK, new { name = name + "!" }),
            "close" => new Write(
                HttpMethod.Post,
                $"/api/portfolios/{empty}/close",
                null,
                HttpStatusCode.OK,
                new { occurredAt = Moment }),
            "deposit" => Post(
                $"{of}/funding", new { type = "DEPOSIT", amount = 5 }, new { type = "DEPOSIT", amount = 6 }),
            "refused withdrawal" => Refused(
                $"{of}/funding", new { type = "WITHDRAWAL", amount = 500 }, new { type = "WITHDRAWAL", amount = 1 }),
            "order" => Post($"{of}/orders", Order(1), Order(2)),
            "refused order" => Refused($"{of}/orders", Order(1000), Order(1)),
            "record" => Post($"{of}/executions", Fill(1), Fill(2)),
            "split" => Post($"{of}/corporate-actions", Split(2), Split(3)),
            _ => Amended(route, of),
        };
    }

    private static Write? Amended(string route, string of)
    {
        var (execution, funding) = ($"{of}/executions/first", $"{of}/funding/external/prepared");
        return route switch
        {
            "correct by portfolio" => Changed($"{execution}/correct", new { price = 9 }, new { price = 8 }),
            "bust by portfolio" => Changed($"{execution}/bust", null, new { occurredAt = Moment }),
            "correct funding" => Changed($"{funding}/correct", new { amount = 90 }, new { amount = 80 }),
            "reverse funding" => Changed($"{funding}/reverse", null, new { occurredAt = Moment }),
            _ => null,
        };
    }

    private static Write? OfOrder(string route, int order, int other)
    {
        var about = $"/api/orders/{order}";
        return route switch
        {
            "replace" => new Write(
                HttpMethod.Patch, about, new { quantity = 9 }, HttpStatusCode.OK, new { quantity = 8 }),
            "refused replace" => new Write(
                HttpMethod.Patch,
                about,
                new { quantity = 900 },
                HttpStatusCode.UnprocessableEntity,
                new { quantity = 8 }),
            "cancel" => new Write(HttpMethod.Delete, about, null, HttpStatusCode.OK, null, $"/api/orders/{other}"),
            "expire" => new Write(
                HttpMethod.Post, $"{about}/expire", null, HttpStatusCode.OK, new { occurredAt = Moment }),
            _ => null,
        };
    }

    private static Write OfExecution(string route, int working, int filled) => route switch
    {
        "execute" => Post(
            $"/api/orders/{working}/executions",
            new { executionId = "X", quantity = 1, price = 5 },
            new { executionId = "X", quantity = 2, price = 5 }),
        "correct" => Changed(
            $"/api/orders/{filled}/executions/first/correct", new { price = 9 }, new { price = 8 }),
        "bust" => Changed($"/api/orders/{filled}/executions/first/bust", null, new { occurredAt = Moment }),
        _ => throw new ArgumentOutOfRangeException(nameof(route), route, "Not a write route."),
    };

    private static Write Post(string path, object body, object other) =>
        new(HttpMethod.Post, path, body, HttpStatusCode.Created, other);

    private static Write Changed(string path, object? body, object other) =>
        new(HttpMethod.Post, path, body, HttpStatusCode.OK, other);

    private static Write Refused(string path, object body, object other) =>
        new(HttpMethod.Post, path, body, HttpStatusCode.UnprocessableEntity, other);

    private static object Prepared => new { type = "DEPOSIT", amount = 100, externalId = "prepared" };

    private static object Order(int quantity) =>
        new { symbol = "KO", side = "BUY", type = "LIMIT", quantity, limitPrice = 10 };

    private static object Split(int numerator) =>
        new { type = "SPLIT", symbol = "KO", numerator, denominator = 1, effectiveAt = Moment };

    private static object Fill(int quantity) =>
        new { executionId = "R", symbol = "KO", side = "BUY", quantity, price = 10 };
}

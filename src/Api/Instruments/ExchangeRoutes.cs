using System.Globalization;
using Bifrost.Api.Access;
using Bifrost.Api.Http;
using Bifrost.Instruments.Exchanges;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Bifrost.Api.Instruments;

/// <summary>Where instruments trade, and when.</summary>
/// <param name="Opens">By its own clock.</param>
/// <param name="OpensDayBefore">Whether a session begins on the evening before the day that it is named by.</param>
/// <param name="HolidaysFrom">The first year whose holidays are known; null where none are.</param>
/// <param name="Source">Where hours and holidays are from.</param>
public sealed record ExchangeView(
    string Code,
    string Name,
    string TimeZone,
    TimeOnly Opens,
    TimeOnly Closes,
    bool OpensDayBefore,
    IReadOnlyList<string> Weekdays)
{
    public int? HolidaysFrom { get; init; }

    public int? HolidaysTo { get; init; }

    public string Source { get; init; } = "";

    internal static ExchangeView Of(Exchange exchange) => new(
        exchange.Code,
        exchange.Name,
        exchange.TimeZone,
        exchange.Opens,
        exchange.Closes,
        exchange.OpensDayBefore,
        [.. exchange.Weekdays.Select(day => day.ToString()[..3].ToUpperInvariant())])
    {
        HolidaysFrom = exchange.Years?.From,
        HolidaysTo = exchange.Years?.To,
        Source = exchange.Source,
    };
}

/// <summary>A day of an exchange.</summary>
/// <param name="Opens">Null on a day without a session.</param>
/// <param name="ClosesEarly">Whether it closes before its usual time.</param>
/// <param name="Holiday">Why there is none, on a weekday.</param>
public sealed record SessionView(
    DateOnly Date, DateTime? Opens, DateTime? Closes, bool ClosesEarly, string? Holiday);

internal static class ExchangeRoutes
{
    private const int MostDays = 400;

    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/exchanges", List)
            .OpenTo(AccessRule.ReadMarket)
            .WithName("ListExchanges").WithTags("Instruments").WithSummary("Lists the exchanges that are known");
        api.MapGet("/exchanges/{code}/sessions", Sessions)
            .OpenTo(AccessRule.ReadMarket)
            .WithName("ListSessions").WithTags("Instruments")
            .WithSummary("Lists the days of an exchange: when it opens and closes, and its holidays")
            .ProducesProblem(400).ProducesProblem(404);
    }

    private static Ok<List<ExchangeView>> List() =>
        TypedResults.Ok(KnownExchanges.All.Select(ExchangeView.Of).ToList());

    private static Results<Ok<List<SessionView>>, ProblemHttpResult> Sessions(string code, string? from, string? to)
    {
        if (KnownExchanges.Find(code.ToUpperInvariant()) is not { } exchange)
        {
            return Problems.Of(
                Problems.ExchangeNotFound, $"There is no exchange {code}: GET /api/exchanges lists them.");
        }
        var check = new Check(TimeProvider.System);
        var first = Date(check, "from", from) ?? DateOnly.FromDateTime(DateTime.UtcNow);
        var end = Date(check, "to", to) ?? first.AddDays(7);
        if (end.DayNumber - first.DayNumber is < 1 or > MostDays)
            check.Add("to", $"is after from, by {MostDays} days at the most.");
        return check.Failed
            ? check.Problem
            : TypedResults.Ok(
                Enumerable.Range(0, end.DayNumber - first.DayNumber)
                    .Select(day => ViewOf(exchange, first.AddDays(day))).ToList());
    }

    private static SessionView ViewOf(Exchange exchange, DateOnly date)
    {
        var session = exchange.SessionOn(date);
        return new SessionView(
            date,
            session?.Opens,
            session?.Closes,
            session?.ClosesEarly ?? false,
            exchange.Holidays.GetValueOrDefault(date));
    }

    private static DateOnly? Date(Check check, string field, string? text)
    {
        if (text is null)
            return null;
        if (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date)
            && date.Year is >= 1900 and < 2200)
            return date;
        check.Add(field, "is a date from 1900 to 2199, such as 2024-03-08.");
        return null;
    }
}

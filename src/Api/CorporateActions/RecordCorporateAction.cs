using System.Text.Json;
using System.Text.Json.Serialization;
using Bifrost.Api.Access;
using Bifrost.Api.Http;
using Bifrost.Domain.Holdings;
using Bifrost.Grains;
using Bifrost.Instruments;
using Dapper;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace Bifrost.Api.CorporateActions;

public enum CorporateActionType
{
    /// <summary>Each <c>denominator</c> shares become <c>numerator</c>.</summary>
    SPLIT,
}

public sealed record CorporateActionRequest
{
    public CorporateActionType? Type { get; init; }

    public string? Symbol { get; init; }

    /// <summary>2 of a split two for one; 1 of a reverse split one for ten.</summary>
    [JsonConverter(typeof(RatioTerm))]
    public int? Numerator { get; init; }

    /// <summary>1 of a split two for one; 10 of a reverse split one for ten.</summary>
    [JsonConverter(typeof(RatioTerm))]
    public int? Denominator { get; init; }

    /// <summary>From then on quantities and prices are of the new shares.</summary>
    public string? EffectiveAt { get; init; }
}

/// <summary>A term of a ratio, which is a whole number however odd the ratio is.</summary>
internal sealed class RatioTerm : JsonConverter<int>
{
    public override int Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out var term)
            ? term
            : throw new JsonException("a whole number is expected; a ratio of 2.406 is 2406 for 1000.");

    public override void Write(Utf8JsonWriter writer, int value, JsonSerializerOptions options) =>
        writer.WriteNumberValue(value);
}

/// <summary>What became of it in each portfolio that ever held the symbol and is not closed.</summary>
/// <param name="Portfolios">Where it is recorded.</param>
/// <param name="Refused">Where it is not, and why; the others are not affected.</param>
public sealed record CorporateActionAnswer(
    IReadOnlyList<WriteAnswer> Portfolios, IReadOnlyList<RefusedPortfolio> Refused);

/// <param name="Type">Of the problem, as in the answer to a write of one portfolio.</param>
public sealed record RefusedPortfolio(int PortfolioId, string Type, string Detail);

internal static class RecordCorporateActionRoutes
{
    private const string Holders =
        """
        SELECT h.portfolio_id FROM holding h JOIN portfolio p USING (portfolio_id)
        WHERE h.symbol = @symbol AND p.is_active ORDER BY 1
        """;

    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapPost("/portfolios/{portfolioId:int}/corporate-actions", One)
            .OpenTo(AccessRule.Report)
            .WithName("RecordCorporateAction").WithTags("Corporate actions")
            .WithSummary("Splits the shares that a portfolio holds")
            .ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).ProducesProblem(412).ProducesProblem(422);
        api.MapPost("/corporate-actions", All)
            .OpenTo(AccessRule.ReportToAll)
            .WithName("RecordCorporateActionOfAll").WithTags("Corporate actions")
            .WithSummary("Splits the shares of a symbol in every portfolio; broken off, it is completed by a repeat")
            .ProducesProblem(400)
            .DisableRequestTimeout();
    }

    private static async Task<Results<Created<WriteAnswer>, ProblemHttpResult>> One(
        int portfolioId, Body<CorporateActionRequest> body, HttpContext http, Writes writes)
    {
        if (body.Problem is { } unreadable)
            return unreadable;
        var check = new Check(TimeProvider.System);
        var command = Checked(check, body.Value, writes.Instruments);
        return check.Failed
            ? check.Problem
            : await writes.Create(
                http, portfolioId, command, body.Value, null, _ => $"/api/portfolios/{portfolioId}/holdings");
    }

    private static async Task<Results<Ok<CorporateActionAnswer>, ProblemHttpResult>> All(
        Body<CorporateActionRequest> body,
        HttpContext http,
        Writes writes,
        NpgsqlDataSource database,
        CancellationToken cancel)
    {
        if (body.Problem is { } unreadable)
            return unreadable;
        var check = new Check(TimeProvider.System);
        var command = Checked(check, body.Value, writes.Instruments);
        if (check.Failed)
            return check.Problem;
        var holders = await ReadHolders(database, command.Symbol, cancel);
        var (outcomes, problem) = await writes.ChangeEach(http, holders, command, body.Value, cancel);
        return problem is null ? TypedResults.Ok(Told(outcomes)) : problem;
    }

    private static async Task<IReadOnlyList<int>> ReadHolders(
        NpgsqlDataSource database, string symbol, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        var sql = new CommandDefinition(Holders, new { symbol }, cancellationToken: cancel);
        return [.. await connection.QueryAsync<int>(sql)];
    }

    private static SplitShares Checked(
        Check check, CorporateActionRequest request, InstrumentCatalog instruments)
    {
        check.Required("type", request.Type);
        var split = new SplitShares
        {
            Symbol = check.Symbol(
                "symbol", request.Symbol, instruments, check.Time("effectiveAt", request.EffectiveAt)),
            Numerator = Term(check, "numerator", request.Numerator),
            Denominator = Term(check, "denominator", request.Denominator),
            OccurredAt = check.Time("effectiveAt", request.EffectiveAt),
        };
        if (request.EffectiveAt is null)
            check.Add("effectiveAt", "is required.");
        if (!check.Failed && split.Numerator == split.Denominator)
            check.Add("numerator", "is the denominator: nothing would change.");
        return split;
    }

    private static int Term(Check check, string field, int? value)
    {
        var term = check.Id(field, value);
        if (term > Split.LargestTerm)
            check.Add(field, $"is at most {Split.LargestTerm}.");
        return term;
    }

    private static CorporateActionAnswer Told(IReadOnlyList<Outcome> outcomes) => new(
        [.. outcomes.Select(outcome => outcome.Accepted).OfType<WriteAnswer>()],
        [
            .. outcomes.Where(outcome => outcome.Refused is not null).Select(outcome => new RefusedPortfolio(
                outcome.PortfolioId, outcome.Refused!.Type!, outcome.Refused.Detail!)),
        ]);
}

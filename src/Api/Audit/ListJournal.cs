using System.Globalization;
using Bifrost.Api.Access;
using Bifrost.Api.Http;
using Bifrost.Audit.Books;
using Bifrost.Domain;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Bifrost.Api.Audit;

/// <summary>What one event moved, as postings. Debits are above zero.</summary>
/// <param name="Totals">The sum of each commodity, which is zero.</param>
public sealed record JournalEntryView(
    long Sequence,
    string Type,
    DateTime OccurredAt,
    DateTime RecordedAt,
    IReadOnlyList<PostingView> Postings,
    IReadOnlyDictionary<string, decimal> Totals)
{
    public static JournalEntryView Of(JournalEntry entry) => new(
        entry.Sequence,
        entry.Type,
        entry.OccurredAt.UtcDateTime,
        entry.RecordedAt.UtcDateTime,
        [.. entry.Postings.Select(PostingView.Of)],
        entry.Totals);
}

public sealed record PostingView(string Account, string Commodity, decimal Amount)
{
    public static PostingView Of(Posting posting) => new(posting.Account, posting.Commodity, posting.Amount);
}

internal static class ListJournalRoute
{
    public static void Map(IEndpointRouteBuilder api) => api.MapGet("/audit/journal", Handle)
        .WithName("ListJournal").WithTags("Audit")
        .WithSummary("Lists the events of a portfolio that moved value, each with its postings, which sum to zero")
        .OpenTo(AccessRule.AuditPortfolio)
        .LeavesAccessRecord().ReadsHistory()
        .ProducesProblem(400).ProducesProblem(404).ProducesProblem(503);

    private static async Task<Results<Ok<Page<JournalEntryView>>, ProblemHttpResult>> Handle(
        int? portfolioId,
        [AsParameters] PastQuery at,
        [AsParameters] Paging paging,
        PortfolioBooks books,
        CancellationToken cancel)
    {
        var check = new Check(TimeProvider.System);
        var (id, moment) = BooksQuery.Read(check, portfolioId, at);
        var limit = Paging.ReadLimit(check, paging.Limit);
        var after = Pages.Number(check, "after", paging.After, 0);
        if (check.Failed)
            return check.Problem;
        if (await books.ReadJournal(id, moment, after, limit, cancel) is not { } page)
            return BooksQuery.NotFound(id, moment);
        return TypedResults.Ok(new Page<JournalEntryView>(
            [.. page.Entries.Select(JournalEntryView.Of)], page.Next?.ToString(CultureInfo.InvariantCulture)));
    }
}

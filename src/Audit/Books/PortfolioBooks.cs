using System.Runtime.CompilerServices;
using Bifrost.Domain;
using Bifrost.Domain.Portfolios;
using Bifrost.EventStore;
using Bifrost.Replay.TimeTravel;
using Npgsql;

namespace Bifrost.Audit.Books;

/// <summary>The double entry of a portfolio, made of its events as they were recorded.</summary>
public sealed class PortfolioBooks(NpgsqlDataSource database)
{
    // In parts, so that a page does not make the database read on to the end.
    private const int EventsAtATime = 500;

    private const string VersionAt = "SELECT ledger.portfolio_version_at($1, $2)";

    private readonly EventLog log = new(database);

    /// <summary>The events that moved value, until a moment.</summary>
    /// <param name="after">The sequence after which to begin.</param>
    /// <returns>Null where nothing was known of the portfolio.</returns>
    /// <exception cref="EventReadException">This build cannot read an event.</exception>
    public async Task<JournalPage?> ReadJournal(
        int portfolioId, Moment moment, long after, int limit, CancellationToken cancel = default)
    {
        if (await FindCurrency(portfolioId, moment, cancel) is not { } currency)
            return null;
        var entries = new List<JournalEntry>();
        await foreach (var stored in Known(portfolioId, moment, await ReadVersion(portfolioId, after), cancel))
        {
            var postings = Postings.Of(stored.Data, currency);
            if (postings.IsEmpty)
                continue;
            if (entries.Count == limit)
                return new JournalPage(currency.Code, entries, entries[^1].Sequence);
            entries.Add(new JournalEntry(
                stored.Sequence,
                EventCatalog.Of(stored.Data).Alias,
                stored.Data.OccurredAt,
                stored.RecordedAt,
                postings));
        }
        return new JournalPage(currency.Code, entries, null);
    }

    /// <summary>All accounts at a moment.</summary>
    /// <returns>Null where nothing was known of the portfolio.</returns>
    /// <exception cref="EventReadException">This build cannot read an event.</exception>
    public async Task<TrialBalance?> ReadTrialBalance(
        int portfolioId, Moment moment, CancellationToken cancel = default)
    {
        if (await FindCurrency(portfolioId, moment, cancel) is not { } currency)
            return null;
        var (sequence, accounts) = (0L, new SortedDictionary<(string Commodity, string Account), decimal>());
        await foreach (var stored in Known(portfolioId, moment, 0, cancel))
        {
            foreach (var (account, commodity, amount) in Postings.Of(stored.Data, currency))
                accounts[(commodity, account)] = accounts.GetValueOrDefault((commodity, account)) + amount;
            sequence = stored.Sequence;
        }
        return new TrialBalance(
            portfolioId, sequence, [.. accounts.Select(a => new Posting(a.Key.Account, a.Key.Commodity, a.Value))]);
    }

    private async Task<Currency?> FindCurrency(int portfolioId, Moment moment, CancellationToken cancel)
    {
        await foreach (var first in log.ReadPortfolio(portfolioId, 0, 1, cancel))
        {
            if (moment.Knows(first.Sequence, first.RecordedAt))
                return Currency.Of(((PortfolioOpened)first.Data).Currency);
        }
        return null;
    }

    private async Task<long> ReadVersion(int portfolioId, long sequence)
    {
        await using var command = database.CreateCommand(VersionAt);
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = portfolioId });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = sequence });
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private async IAsyncEnumerable<StoredEvent> Known(
        int portfolioId, Moment moment, long after, [EnumeratorCancellation] CancellationToken cancel)
    {
        for (var isEnd = false; !isEnd; after += EventsAtATime)
        {
            isEnd = true;
            await foreach (var stored in log.ReadPortfolio(portfolioId, after, after + EventsAtATime, cancel))
            {
                // Neither the sequence nor the recorded time of a portfolio's events ever goes back.
                if (!moment.Knows(stored.Sequence, stored.RecordedAt))
                    yield break;
                isEnd = false;
                yield return stored;
            }
        }
    }
}

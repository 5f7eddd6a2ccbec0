using Bifrost.Domain;
using Bifrost.Domain.Funding;
using Bifrost.Domain.Holdings;
using Bifrost.Domain.Orders;
using Bifrost.Domain.Portfolios;
using Bifrost.EventStore;
using Npgsql;

namespace Bifrost.Replay.TimeTravel;

/// <summary>What is thought to have been otherwise.</summary>
public sealed record Supposition
{
    /// <summary>Every fill was matched by this method; null keeps the one of each.</summary>
    public LotMethod? LotMethod { get; init; }

    /// <summary>
    /// These events did not happen. The execution of an order is taken with the lots that it opened or closed.
    /// </summary>
    public IReadOnlySet<long> Without { get; init; } = new HashSet<long>();

    /// <summary>Nothing was recorded after this moment.</summary>
    public Moment Until { get; init; } = Moment.Now;
}

/// <summary>A portfolio as it is recorded, and as it would be.</summary>
/// <param name="Missed">Sequences that were to be left out and are none of the portfolio's.</param>
public sealed record Supposed(Past Recorded, Portfolio Otherwise, IReadOnlyList<long> Missed);

/// <summary>Books a portfolio's facts again as they might have been. Nothing is written.</summary>
public sealed class WhatIf(NpgsqlDataSource database)
{
    private readonly EventLog log = new(database);
    private readonly Travel travel = new(database);

    /// <param name="moment">Of the comparison.</param>
    /// <returns>Null where nothing was known of the portfolio.</returns>
    public async Task<Supposed?> Read(
        int portfolioId, Moment moment, Supposition supposition, CancellationToken cancel = default)
    {
        if (await travel.Read(portfolioId, moment, cancel) is not { } recorded)
            return null;
        var (rebooking, omission) = (new Rebooking(), new Omission(supposition.Without));
        await foreach (var stored in log.ReadPortfolio(portfolioId, 0, recorded.Version, cancel))
        {
            if (!omission.Leaves(stored) && supposition.Until.Knows(stored.Sequence, stored.RecordedAt))
                rebooking.Add(stored.Recorded);
        }
        var otherwise = rebooking.Book(null, new RebookingTerms
        {
            LotMethod = supposition.LotMethod,
            Until = moment.Effective,
            AsOccurred = moment.Effective is not null,
        });
        return otherwise is null ? null : new Supposed(recorded, otherwise, omission.Missed);
    }

    /// <summary>What is left out with the events that are: a fill is more than one event.</summary>
    private sealed class Omission(IReadOnlySet<long> sequences)
    {
        private readonly HashSet<long> missed = [.. sequences];
        private readonly HashSet<int> fills = [];
        private readonly HashSet<int> amended = [];
        private readonly HashSet<int> moves = [];

        public IReadOnlyList<long> Missed => [.. missed.Order()];

        public bool Leaves(StoredEvent stored)
        {
            var isNamed = missed.Remove(stored.Sequence);
            switch (stored.Data)
            {
                case PortfolioOpened:
                    return false;
                case OrderExecuted e when isNamed:
                    fills.Add(e.TransactionId);
                    return true;
                case HoldingFilled e:
                    return (isNamed && fills.Add(e.TransactionId)) || fills.Contains(e.TransactionId);
                case ExecutionCorrected e when isNamed:
                    amended.Add(e.TransactionId);
                    return true;
                case ExecutionBusted e when isNamed:
                    amended.Add(e.TransactionId);
                    return true;
                // Without the fill there is nothing to amend.
                case HoldingRestated e:
                    return isNamed || fills.Contains(e.TransactionId) || amended.Remove(e.TransactionId);
                case CashMoved e when isNamed:
                    moves.Add(e.FundingId);
                    return true;
                case FundingRestated e:
                    return isNamed || moves.Contains(e.FundingId);
                default:
                    return isNamed;
            }
        }
    }
}

namespace Bifrost.Domain.Funding;

public abstract record FundingEvent : LedgerEvent
{
    public required int FundingId { get; init; }

    /// <summary>In the portfolio's currency, above zero, in whole minor units.</summary>
    public required decimal Amount { get; init; }

    public string? Description { get; init; }

    public override StreamId Stream => StreamId.Funding(PortfolioId);
}

/// <summary>A funding event that moved cash.</summary>
public abstract record CashMoved : FundingEvent
{
    [System.Text.Json.Serialization.JsonIgnore]
    public abstract FundingType Type { get; }

    /// <summary>What the event adds to the portfolio's cash.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public decimal CashAmount => Type is FundingType.WITHDRAWAL or FundingType.FEE ? -Amount : Amount;

    public string? Symbol { get; init; }
}

public sealed record CashDeposited : CashMoved
{
    public override FundingType Type => FundingType.DEPOSIT;
}

public sealed record CashWithdrawn : CashMoved
{
    public override FundingType Type => FundingType.WITHDRAWAL;
}

public sealed record DividendReceived : CashMoved
{
    public override FundingType Type => FundingType.DIVIDEND;
}

public sealed record InterestReceived : CashMoved
{
    public override FundingType Type => FundingType.INTEREST;
}

public sealed record FeeCharged : CashMoved
{
    public override FundingType Type => FundingType.FEE;
}

/// <summary>A withdrawal that was refused: nothing moved, and the attempt is on the record.</summary>
public sealed record WithdrawalRejected : FundingEvent
{
    public required RejectionCode Code { get; init; }

    public required string Reason { get; init; }
}

namespace Bifrost.Domain.Funding;

public abstract record FundingEvent : LedgerEvent
{
    public required int FundingId { get; init; }

    /// <summary>
    /// In whole minor units of its currency: above zero, or zero where all of it was withheld.
    /// </summary>
    public required decimal Amount { get; init; }

    public string? Description { get; init; }

    public override StreamId Stream => StreamId.Funding(PortfolioId);
}

/// <summary>A funding event that moved cash.</summary>
public abstract record CashMoved : FundingEvent
{
    [System.Text.Json.Serialization.JsonIgnore]
    public abstract FundingType Type { get; }

    /// <summary>What the event adds to cash in its currency.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public decimal CashAmount => Type.IsPaid() ? -Amount : Amount;

    /// <summary>The code of what the amount is in; null for the portfolio's own currency.</summary>
    public string? Currency { get; init; }

    public string? Symbol { get; init; }

    /// <summary>What was withheld as tax before it came: the gross amount is this and the amount.</summary>
    public decimal? Tax { get; init; }

    /// <summary>The id that a bank or a broker gave it.</summary>
    public string? ExternalId { get; init; }
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

public sealed record TaxWithheld : CashMoved
{
    public override FundingType Type => FundingType.TAX_WITHHELD;
}

public sealed record InterestPaid : CashMoved
{
    public override FundingType Type => FundingType.INTEREST_PAID;
}

public sealed record FeeRefunded : CashMoved
{
    public override FundingType Type => FundingType.FEE_REFUND;
}

public sealed record PaymentInLieuReceived : CashMoved
{
    public override FundingType Type => FundingType.PAYMENT_IN_LIEU;
}

public sealed record RebateReceived : CashMoved
{
    public override FundingType Type => FundingType.REBATE;
}

/// <summary>The amount was sold for cash in another currency.</summary>
public sealed record CashExchanged : CashMoved
{
    public override FundingType Type => FundingType.EXCHANGE;

    /// <summary>In whole minor units of its currency, above zero.</summary>
    public required decimal BoughtAmount { get; init; }

    /// <summary>The code of what was bought; null for the portfolio's own currency.</summary>
    public string? BoughtCurrency { get; init; }
}

/// <summary>What came or went is known under other terms, or never did.</summary>
public sealed record FundingRestated : LedgerEvent
{
    public required int FundingId { get; init; }

    /// <summary>The terms that held before.</summary>
    public required FundingTerms Was { get; init; }

    /// <summary>Those that hold now; none where it was reversed.</summary>
    public FundingTerms? Corrected { get; init; }

    /// <summary>The id that a bank or a broker gave the correction.</summary>
    public string? CorrectionId { get; init; }

    /// <summary>Deposits on the date of the first one, after the change.</summary>
    public required decimal InitialCapital { get; init; }

    public DateOnly? FirstDepositOn { get; init; }

    public override StreamId Stream => StreamId.Funding(PortfolioId);
}

/// <summary>A withdrawal that was refused: nothing moved, and the attempt is on the record.</summary>
public sealed record WithdrawalRejected : FundingEvent
{
    /// <inheritdoc cref="CashMoved.Currency"/>
    public string? Currency { get; init; }

    public required RejectionCode Code { get; init; }

    public required string Reason { get; init; }
}

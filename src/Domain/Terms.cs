namespace Bifrost.Domain;

// The members are the legacy tables' own words, so that what is stored, served and compared is one word.

public enum LotMethod
{
    FIFO,
    LIFO,

    /// <summary>The lot whose match realizes the smallest gain first.</summary>
    HIFO,

    /// <summary>The moving average: all lots of a holding are one pool.</summary>
    AVERAGE,

    /// <summary>The order names its lots; what it does not name is matched first in, first out.</summary>
    SPECIFIC,
}

public enum OrderSide
{
    BUY,
    SELL,
}

public enum OrderType
{
    MARKET,
    LIMIT,
    STOP,
    STOP_LIMIT,
}

public enum TimeInForce
{
    GTC,
    IOC,
    FOK,
    DAY,
}

public enum OrderStatus
{
    PENDING,
    PARTIALLY_FILLED,
    FILLED,
    CANCELLED,
    REJECTED,
}

public enum FundingType
{
    DEPOSIT,
    WITHDRAWAL,
    DIVIDEND,
    INTEREST,
    FEE,

    /// <summary>Tax that was taken by itself; what is withheld from a payment is told with it.</summary>
    TAX_WITHHELD,

    /// <summary>Interest that was charged, as on a debit balance.</summary>
    INTEREST_PAID,

    FEE_REFUND,

    /// <summary>What a borrower of shares pays in place of their dividend.</summary>
    PAYMENT_IN_LIEU,

    REBATE,

    /// <summary>One currency was sold for another.</summary>
    EXCHANGE,
}

public enum TradeStatus
{
    OPEN,
    PARTIALLY_CLOSED,
    CLOSED,
}

namespace Bifrost.Api.Access;

/// <summary>What a caller may bring about, of what their role may reach. Each is granted by itself.</summary>
/// <remarks>
/// Whoever decides what to trade should not be who says that it was traded, or that money came in: with all three, one
/// leaked key makes cash of nothing.
/// </remarks>
[Flags]
public enum Rights
{
    None = 0,

    /// <summary>Opens, changes and closes portfolios; places, replaces and cancels orders.</summary>
    Orders = 1,

    /// <summary>Reports what happened elsewhere: executions, what became of them, expired orders, splits.</summary>
    Executions = 2,

    /// <summary>Records deposits, withdrawals, dividends, interest and fees.</summary>
    Cash = 4,

    All = Orders | Executions | Cash,
}

public static class RightWords
{
    /// <summary>The words by which keys, tokens and commands name the rights.</summary>
    public static IReadOnlyList<string> All { get; } = ["orders", "executions", "cash"];

    /// <returns>The right; none where the word names none.</returns>
    public static Rights Parse(string? word) => word switch
    {
        "orders" => Rights.Orders,
        "executions" => Rights.Executions,
        "cash" => Rights.Cash,
        _ => Rights.None,
    };

    /// <summary>The words of all of them, in one order.</summary>
    public static IEnumerable<string> Words(this Rights rights) =>
        All.Where(word => rights.HasFlag(Parse(word)));
}

/// <summary>The rights of one caller.</summary>
/// <param name="CashPerDay">
/// How much cash they may move in a day of UTC, in and out and over all portfolios and currencies; null without limit.
/// </param>
public sealed record Grant(Rights Rights, decimal? CashPerDay = null)
{
    /// <summary>Of traders and services that were there before there were rights, until somebody decides.</summary>
    public static Grant Undecided { get; } = new(Rights.All) { IsUndecided = true };

    /// <summary>Nobody has said yet which rights these are to be, so they are all.</summary>
    public bool IsUndecided { get; private init; }

    /// <summary>What a role has where nothing more is granted.</summary>
    public static Grant Of(Roles role) => new(role switch
    {
        Roles.Trader => Rights.Orders,
        Roles.Service => Rights.Executions,
        Roles.Operator => Rights.All,
        _ => Rights.None,
    });

    /// <summary>Whether a role has other rights than these where they are granted.</summary>
    public static bool IsOpenFor(Roles role) => role is Roles.Trader or Roles.Service;

    /// <summary>Why a caller of that role cannot have these; null where nothing keeps them from it.</summary>
    public string? ProblemFor(Roles role) =>
        !IsOpenFor(role)
            ? Equals(Of(role)) ? null : $"The rights of the role {role.Word()} are what they are."
        : Rights.HasFlag(Rights.Cash) != CashPerDay.HasValue
            ? "The right cash needs to say how much a day, and nothing else does."
        : CashPerDay is <= 0 or >= Domain.Money.Limit
            ? $"Cash a day is above zero and below {Domain.Money.Limit:0}."
        : null;
}

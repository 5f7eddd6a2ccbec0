namespace Bifrost.Api.Access;

/// <summary>What of the ledger a route touches, as far as traders may see only a part of it.</summary>
internal enum Scope
{
    /// <summary>Nothing that belongs to a user.</summary>
    NoPortfolio,

    /// <summary>
    /// One portfolio, by the <c>portfolioId</c> or <c>orderId</c> of the path or the <c>portfolioId</c> of the query: a
    /// trader has to name one, and one of their own.
    /// </summary>
    OnePortfolio,

    /// <summary>Many: one where it is named, as above; else the route itself has to leave out what is not the
    /// caller's.</summary>
    OwnPortfolios,
}

/// <summary>Whom a route is open to. A route without a rule is open to nobody.</summary>
/// <param name="Roles">None for those whom nobody need know.</param>
/// <param name="Needs">The right that a caller of such a role has to have as well.</param>
internal sealed record AccessRule(Roles Roles, Scope Scope = Scope.NoPortfolio, Rights Needs = Rights.None)
{
    /// <summary>Without credentials; wrong ones are refused all the same.</summary>
    public static AccessRule Everybody { get; } = new(Roles.None);

    public static AccessRule ReadPortfolio { get; } = new(Roles.All, Scope.OnePortfolio);

    /// <summary>What is wanted of a portfolio: its settings, and orders.</summary>
    public static AccessRule Trade { get; } = new(Writers, Scope.OnePortfolio, Rights.Orders);

    /// <summary>What happened elsewhere to a portfolio's orders and shares.</summary>
    public static AccessRule Report { get; } = new(Writers, Scope.OnePortfolio, Rights.Executions);

    public static AccessRule MoveCash { get; } = new(Writers, Scope.OnePortfolio, Rights.Cash);

    /// <summary>
    /// What is said later of cash that moved. What a correction adds is known only once it is decided, so who may move
    /// so much a day amends nothing.
    /// </summary>
    public static AccessRule AmendCash { get; } = new(Roles.Operator, Scope.OnePortfolio);

    /// <summary>What happened to shares, whoever they belong to.</summary>
    public static AccessRule ReportToAll { get; } =
        new(Roles.Operator | Roles.Service, Scope.NoPortfolio, Rights.Executions);

    /// <summary>The handler narrows the answer to <see cref="Caller.UserId"/>.</summary>
    public static AccessRule ReadPortfolios { get; } = new(Roles.All, Scope.OwnPortfolios);

    /// <summary>The handler refuses users that are not <see cref="Caller.UserId"/>.</summary>
    public static AccessRule OpenPortfolio { get; } = new(Writers, Scope.OwnPortfolios, Rights.Orders);

    /// <summary>The audit of one portfolio.</summary>
    public static AccessRule AuditPortfolio { get; } =
        new(Roles.Trader | Roles.Operator | Roles.Auditor, Scope.OnePortfolio);

    /// <summary>The audit of all that happened, whoever it belongs to.</summary>
    public static AccessRule AuditEverything { get; } = new(Roles.Operator | Roles.Auditor);

    public static AccessRule ReadMarket { get; } = new(Roles.All);

    public static AccessRule LoadMarket { get; } = new(Roles.Operator | Roles.Service);

    /// <summary>Of the process, not of the ledger.</summary>
    public static AccessRule Operate { get; } = new(Roles.Operator | Roles.Auditor | Roles.Service);

    /// <summary>Has long work done, or not done.</summary>
    public static AccessRule ManageJobs { get; } = new(Roles.Operator);

    /// <summary>Has other programs told of everything that happens; their URLs may be secrets.</summary>
    public static AccessRule ManageWebhooks { get; } = new(Roles.Operator);

    /// <summary>The machines that the ledger runs on.</summary>
    public static AccessRule SeeNodes { get; } = new(Roles.Operator);

    /// <summary>The roles, by their words.</summary>
    public IEnumerable<string> Words => RoleWords.All.Where(word => Roles.HasFlag(RoleWords.Parse(word)));

    private const Roles Writers = Roles.Trader | Roles.Operator | Roles.Service;
}

internal static class AccessRules
{
    /// <summary>Says whom the route is open to.</summary>
    public static T OpenTo<T>(this T route, AccessRule rule)
        where T : IEndpointConventionBuilder
    {
        route.Add(endpoint => endpoint.Metadata.Add(rule));
        return route;
    }
}

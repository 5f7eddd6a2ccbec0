using System.Security.Claims;

namespace Bifrost.Api.Access;

/// <summary>What callers are. Each has one of these; together they say whom something is open to.</summary>
[Flags]
public enum Roles
{
    None = 0,

    /// <summary>Reads on the portfolios of one user, and what of <see cref="Rights"/> is granted.</summary>
    Trader = 1,

    /// <summary>Everything.</summary>
    Operator = 2,

    /// <summary>Reads everything and writes nothing.</summary>
    Auditor = 4,

    /// <summary>A program: reads on all portfolios, market data, and what of <see cref="Rights"/> is granted.</summary>
    Service = 8,

    All = Trader | Operator | Auditor | Service,
}

public static class RoleWords
{
    /// <summary>The words by which keys, tokens and records name the roles.</summary>
    public static IReadOnlyList<string> All { get; } = ["trader", "operator", "auditor", "service"];

    /// <returns>The role; none where the word names none.</returns>
    public static Roles Parse(string? word) => word switch
    {
        "trader" => Roles.Trader,
        "operator" => Roles.Operator,
        "auditor" => Roles.Auditor,
        "service" => Roles.Service,
        _ => Roles.None,
    };

    public static string Word(this Roles role) => role switch
    {
        Roles.Trader => "trader",
        Roles.Operator => "operator",
        Roles.Auditor => "auditor",
        Roles.Service => "service",
        _ => throw new ArgumentOutOfRangeException(nameof(role), role, "A caller has one role."),
    };
}

/// <summary>Who calls, once that is certain.</summary>
public sealed class Caller : ClaimsPrincipal
{
    /// <param name="actor">The name that stands on the events of the caller; no two callers have one.</param>
    /// <param name="userId">Whose portfolios a trader trades; null for the other roles.</param>
    public Caller(string actor, Roles role, int? userId = null)
        : base(new ClaimsIdentity([new Claim(ClaimsIdentity.DefaultNameClaimType, actor)], "Bifrost"))
    {
        if (role == Roles.Trader != userId.HasValue)
            throw new ArgumentException("A trader has a user, and nobody else has one.", nameof(userId));
        (Actor, Role, UserId, Grant) = (actor, role, userId, Grant.Of(role));
    }

    /// <summary>Whoever reaches a server that listens on loopback and was told of no other callers.</summary>
    public static Caller LocalOperator { get; } = new("local-operator", Roles.Operator);

    public string Actor { get; }

    public Roles Role { get; }

    /// <summary>The one user whose portfolios are the caller's to see; null where all are.</summary>
    public int? UserId { get; }

    /// <summary>What they may bring about; what the role has where nothing more was granted.</summary>
    public Grant Grant { get; init; }

    /// <summary>The key that was shown; null for those who have none.</summary>
    public string? KeyId { get; init; }

    /// <summary>When the credentials lapse; null where they do not.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <exception cref="InvalidOperationException">The route is open to callers who are not known.</exception>
    public static Caller Of(HttpContext http) => http.User as Caller
        ?? throw new InvalidOperationException("The route needs a caller and is open to everybody.");

    public bool MaySee(int userId) => UserId is null || UserId == userId;
}

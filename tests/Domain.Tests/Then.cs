using System.Text.Json;

namespace Bifrost.Domain.Tests;

/// <summary>What is expected of the latest command.</summary>
internal static class Then
{
    /// <summary>Exactly these events; collections are compared by what they hold.</summary>
    public static Ledger ThenIs(this Ledger ledger, params LedgerEvent[] expected)
    {
        ledger.Rejection.ShouldBeNull();
        ledger.Decided.Select(Json).ShouldBe(expected.Select(Json));
        return ledger;
    }

    /// <summary>Accepted, and nothing happened.</summary>
    public static Ledger ThenNothing(this Ledger ledger) => ledger.ThenIs();

    public static Ledger ThenOnly<T>(this Ledger ledger, Action<T> check)
        where T : LedgerEvent
    {
        ledger.Rejection.ShouldBeNull();
        ledger.Decided.Length.ShouldBe(1);
        return ledger.ThenAmong(check);
    }

    public static Ledger ThenAmong<T>(this Ledger ledger, Action<T> check)
        where T : LedgerEvent
    {
        check(ledger.Decided.OfType<T>().ShouldHaveSingleItem());
        return ledger;
    }

    public static Ledger ThenTypes(this Ledger ledger, params Type[] types)
    {
        ledger.Decided.Select(e => e.GetType()).ShouldBe(types);
        return ledger;
    }

    public static Ledger ThenRejected(this Ledger ledger, RejectionCode code)
    {
        ledger.Rejection.ShouldNotBeNull().Code.ShouldBe(code);
        return ledger;
    }

    public static string Json(object value) =>
        value.GetType().Name + JsonSerializer.Serialize(value, value.GetType());
}

namespace Bifrost.Domain;

/// <summary>A stored fact that cannot follow what came before it: the portfolio stops until it is repaired.</summary>
public sealed class InvalidHistoryException(LedgerEvent happened, string state)
    : Exception($"{happened.GetType().Name} in {happened.Stream} cannot follow {state}.");

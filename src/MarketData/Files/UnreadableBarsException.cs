namespace Bifrost.MarketData.Files;

/// <summary>A source that holds no bars that could be read at all; the message says what to do.</summary>
public sealed class UnreadableBarsException(string message) : Exception(message);

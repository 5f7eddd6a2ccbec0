namespace Bifrost.MarketData.Files;

/// <summary>What can be said of a file that it does not say of itself; see <see cref="BarFileOptions"/>.</summary>
public enum BarSetting
{
    Symbol,
    Columns,
    TimeZone,
    DateOrder,
    Labels,
}

/// <summary>A source that holds no bars that could be read at all; the message says what to do.</summary>
/// <param name="lacking">What would have to be said, or said otherwise; each road has its own name for it.</param>
public sealed class UnreadableBarsException(string message, BarSetting? lacking = null) : Exception(message)
{
    public BarSetting? Lacking => lacking;
}

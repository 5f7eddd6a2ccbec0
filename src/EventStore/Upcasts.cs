using System.Collections.Frozen;
using System.Text.Json.Nodes;

namespace Bifrost.EventStore;

/// <summary>
/// The one place that knows older shapes of stored events: an old shape is made today's before it is read as today's
/// record, so that nothing behind the catalog ever meets it.
/// </summary>
/// <remarks>
/// Asked only where the stored JSON is not read as today's shape, which therefore costs nothing more than it would
/// without. An old shape that would be read, and mean something else, cannot be told apart here: such a change is a new
/// event. docs/events.md says how to add an upcast, and has the shapes that need none.
/// </remarks>
internal static class Upcasts
{
    private static readonly FrozenDictionary<string, Func<JsonObject, long, JsonObject?>> ByAlias =
        new Dictionary<string, Func<JsonObject, long, JsonObject?>>
        {
            ["trade_restated"] = TradeRestated,
        }.ToFrozenDictionary();

    /// <param name="streamVersion">The event's place in its stream, which some old shapes left unsaid.</param>
    /// <returns>The event in today's shape; null where this is no old shape of it.</returns>
    public static JsonObject? Of(string alias, ReadOnlySpan<byte> utf8, long streamVersion) =>
        ByAlias.TryGetValue(alias, out var upcast) && JsonNode.Parse(utf8) is JsonObject stored
            ? upcast(stored, streamVersion)
            : null;

    // Once it did not say how long its stream was, and the fold counted; the event's own place says the same.
    private static JsonObject? TradeRestated(JsonObject stored, long streamVersion)
    {
        if (stored.ContainsKey("version"))
            return null;
        stored["version"] = streamVersion - 1;
        return stored;
    }
}

namespace Bifrost.Api.Http;

/// <summary>Texts that stand in a path.</summary>
internal static class PathText
{
    /// <summary>
    /// A segment as its sender meant it. The server decodes all of a path but the slash, so that a segment stays one.
    /// </summary>
    /// <param name="segment">Of what has no percent signs itself, as symbols have none.</param>
    public static string Decoded(string segment) => segment.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);
}

using Bifrost.Api.Http;
using Bifrost.Instruments;

namespace Bifrost.Api.Instruments;

/// <summary>Names in requests, which are as senders call instruments, taken for primary ones.</summary>
internal static class Naming
{
    /// <summary>The primary name of what is called so at a moment; the name as it is where it leads nowhere.</summary>
    /// <param name="at">Now, where it is left out.</param>
    public static string Primary(this InstrumentCatalog instruments, string name, DateTimeOffset? at = null) =>
        instruments.Resolve(name, null, at ?? DateTimeOffset.UtcNow) ?? name;

    /// <summary>The primary name of what a segment of a path names.</summary>
    public static string OfPath(this InstrumentCatalog instruments, string segment) =>
        instruments.Primary(PathText.Decoded(segment));
}

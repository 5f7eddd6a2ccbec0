using System.Net;

namespace Bifrost.Webhooks;

/// <summary>The URLs that webhooks may have.</summary>
public static class WebhookUrl
{
    /// <summary>
    /// What is wrong with a URL, in a sentence; null where nothing is. What a name stands for is looked at with each
    /// request, because it may change.
    /// </summary>
    public static string? ProblemWith(string? text, bool allowsPrivate, out Uri url)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out url!) || url.Scheme is not ("http" or "https"))
            return "is an http or https URL.";
        if (url.UserInfo.Length > 0)
            return "has credentials in it, which would stand in logs: the signature shows who calls.";
        if (url.Fragment.Length > 0)
            return "has a fragment, which is not sent.";
        if (allowsPrivate)
            return null;
        var host = url.DnsSafeHost.TrimEnd('.');
        var isPrivate = IPAddress.TryParse(host, out var address)
            ? !PublicAddress.Is(address)
            : host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
                || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase);
        return isPrivate
            ? "is a private address: BIFROST_WEBHOOKS_PRIVATE=allow, set where the server starts, allows those."
            : null;
    }
}

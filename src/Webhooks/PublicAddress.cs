using System.Net;
using System.Net.Sockets;

namespace Bifrost.Webhooks;

/// <summary>
/// Which addresses are of the public Internet. Whoever may make webhooks must not have the server ask what stands
/// behind its own firewall.
/// </summary>
public static class PublicAddress
{
    // Of IANA's registries of special-purpose addresses, those that are not globally reachable, and multicast.
    private static readonly IPNetwork[] Others =
    [
        .. new[]
        {
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
            "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24",
            "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        }.Select(IPNetwork.Parse),
    ];

    // Of the rest of IPv6 nothing is given out: loopback, unique local, link-local, multicast and mapped addresses.
    private static readonly IPNetwork GlobalUnicast = IPNetwork.Parse("2000::/3");

    // Those within that are special, or have an IPv4 address in them.
    private static readonly IPNetwork[] NotGlobal =
        [.. new[] { "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20" }.Select(IPNetwork.Parse)];

    public static bool Is(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        return address.AddressFamily == AddressFamily.InterNetwork
            ? !Others.Any(network => network.Contains(address))
            : GlobalUnicast.Contains(address) && !NotGlobal.Any(network => network.Contains(address));
    }
}

using Bifrost.Api.Access;
using Orleans.Dashboard;

namespace Bifrost.Api.Operations;

/// <summary>
/// Orleans' own pages about the nodes of the cluster and their grains, for operators. A server by itself has none.
/// </summary>
public static class NodesPages
{
    public const string Path = "/nodes";

    internal static void Map(IEndpointRouteBuilder routes) =>
        routes.MapOrleansDashboard(Path).OpenTo(AccessRule.SeeNodes).ExcludeFromDescription();
}

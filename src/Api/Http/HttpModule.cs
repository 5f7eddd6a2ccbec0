using System.Text.Json.Serialization;
using Dapper;

namespace Bifrost.Api.Http;

/// <summary>How requests are read and answers written.</summary>
internal static class HttpModule
{
    public static void Add(IServiceCollection services)
    {
        // Columns are named in snake case.
        DefaultTypeMap.MatchNamesWithUnderscores = true;
        services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, ApiJson.Default);
            json.SerializerOptions.Converters.Add(new DecimalText());
            // Whole numbers are numbers; only decimals travel as strings, and they have a converter of their own.
            json.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
        });
        services.AddSingleton<Writes>();
        services.AddSingleton<PastReads>();
    }
}

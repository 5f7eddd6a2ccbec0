using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Bifrost.Domain.Portfolios;
using Bifrost.EventStore;

namespace Bifrost.Replay.TimeTravel;

/// <summary>A portfolio's state as bytes and back, for the build that wrote it.</summary>
internal static class StateJson
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        IgnoreReadOnlyProperties = true,
        Converters = { new CurrencyCode() },
        TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { WithAllState } },
    };

    /// <summary>
    /// Names the code that folds and that writes states: a snapshot of another build may mean something else.
    /// </summary>
    public static string Build { get; } =
        $"{Version(typeof(Portfolio)):N}-{Version(typeof(StateJson)):N}";

    public static byte[] Write(Portfolio state) => JsonSerializer.SerializeToUtf8Bytes(state, Options);

    public static Portfolio Read(byte[] state) => JsonSerializer.Deserialize<Portfolio>(state, Options)!;

    /// <summary>Whether bytes are those of a state, but for the order of what has none.</summary>
    public static bool Equal(byte[] bytes, Portfolio state)
    {
        try
        {
            using var one = JsonDocument.Parse(bytes);
            using var other = JsonDocument.Parse(Write(state));
            return JsonElement.DeepEquals(one.RootElement, other.RootElement);
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static Guid Version(Type type) => type.Assembly.ManifestModule.ModuleVersionId;

    // Some members are left out of stored events, because they follow from where the event stands. A state has to keep
    // them.
    private static void WithAllState(JsonTypeInfo info)
    {
        if (info.Kind != JsonTypeInfoKind.Object)
            return;
        foreach (var member in info.Type.GetProperties().Where(p => p.SetMethod is not null))
        {
            var name = JsonNamingPolicy.CamelCase.ConvertName(member.Name);
            if (info.Properties.FirstOrDefault(known => known.Name == name) is { } ignored)
            {
                if (ignored.Get is not null && ignored.Set is not null)
                    continue;
                info.Properties.Remove(ignored);
            }
            var property = info.CreateJsonPropertyInfo(member.PropertyType, name);
            (property.Get, property.Set) = (member.GetValue, member.SetValue);
            info.Properties.Add(property);
        }
    }
}

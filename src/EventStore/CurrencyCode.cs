using System.Text.Json;
using System.Text.Json.Serialization;
using Bifrost.Domain;

namespace Bifrost.EventStore;

/// <summary>A currency as its ISO 4217 code, wherever values of the domain become JSON.</summary>
public sealed class CurrencyCode : JsonConverter<Currency>
{
    public override Currency Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Currency.Of(reader.GetString()!);

    public override void Write(Utf8JsonWriter writer, Currency value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.Code);
}

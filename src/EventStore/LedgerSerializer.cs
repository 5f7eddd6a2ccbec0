using System.Data.Common;
using Marten;
using Marten.Services;
using Weasel.Storage;
using EnumStorage = Weasel.Core.EnumStorage;

namespace Bifrost.EventStore;

/// <summary>
/// Marten's serializer, but for events of the ledger, which are read as strictly as the ledger itself reads them: in
/// today's shape or one that there was, and under their own name.
/// </summary>
/// <remarks>
/// Where Marten does not know a name it takes the CLR type that stands beside it, so an event that only a newer build
/// knows would be read as something else. A ledger does not guess: such an event cannot be read.
/// </remarks>
internal sealed class LedgerSerializer : SystemTextJsonSerializer, IStorageSerializer
{
    public LedgerSerializer()
        : base(EventCatalog.Reading)
    {
        EnumStorage = EnumStorage.AsString;
        Casing = Weasel.Core.Casing.CamelCase;
    }

    object IStorageSerializer.FromJson(Type type, DbDataReader reader, int index) =>
        EventCatalog.IsEvent(type) ? Read(reader, index) : FromJson(type, reader, index);

    ValueTask<object> IStorageSerializer.FromJsonAsync(
        Type type, DbDataReader reader, int index, CancellationToken cancellationToken) => EventCatalog.IsEvent(type)
            ? ValueTask.FromResult<object>(Read(reader, index))
            : FromJsonAsync(type, reader, index, cancellationToken);

    private static Domain.LedgerEvent Read(DbDataReader reader, int index) => EventCatalog.Read(
        reader.GetString(reader.GetOrdinal("type")),
        reader.GetFieldValue<byte[]>(index),
        reader.GetInt64(reader.GetOrdinal("version")));
}

using System.Collections.Frozen;
using Bifrost.Domain;
using Bifrost.Domain.Instruments;
using Npgsql;

namespace Bifrost.Instruments;

/// <summary>
/// All described instruments, in memory, as they were when they were last read. Looking one up costs no round trip.
/// </summary>
/// <remarks>A process that keeps it fresh calls <see cref="Refresh"/> after <see cref="WaitForChange"/>.</remarks>
public sealed class InstrumentCatalog(NpgsqlDataSource database)
{
    private const string Version = "SELECT version FROM instrument_change";

    private readonly Lock gate = new();
    private volatile Snapshot snapshot = Snapshot.Of(-1, []);

    /// <summary>Those that somebody has described, by their symbol.</summary>
    public IReadOnlyList<DescribedInstrument> All => snapshot.All;

    /// <summary>What a symbol stands for; where nobody has described it, what is assumed then.</summary>
    /// <param name="symbol">A primary name.</param>
    public Instrument Of(string symbol) => Find(symbol)?.Instrument ?? Instrument.Undescribed(symbol);

    /// <summary>The described instrument of a primary name; null where nobody has described it.</summary>
    public DescribedInstrument? Find(string symbol) => snapshot.BySymbol.GetValueOrDefault(symbol);

    /// <summary>The primary name of what is called so: the name itself, or what it is an alias of.</summary>
    /// <param name="text">A name in any form that <see cref="Symbols"/> takes.</param>
    /// <param name="source">
    /// Who calls it so, before names that hold for every source; null for those that hold for every source only.
    /// </param>
    /// <param name="at">The moment of what is told of it, because names change hands.</param>
    /// <returns>Null where nobody has described it or given it as an alias.</returns>
    public string? Resolve(string text, string? source, DateTimeOffset at)
    {
        if (Symbols.Canonical(text) is not { } name)
            return null;
        var known = snapshot;
        if (known.BySymbol.ContainsKey(name))
            return name;
        if (!known.ByAlias.TryGetValue(name, out var aliases))
            return null;
        var moment = at.UtcDateTime;
        var named = source?.ToLowerInvariant();
        return (aliases.Find(a => a.Alias.Source != InstrumentAlias.Any && a.Alias.Holds(named, moment))
            ?? aliases.Find(a => a.Alias.Source == InstrumentAlias.Any && a.Alias.Holds(named, moment)))?.Symbol;
    }

    /// <summary>Reads all again where something has changed since.</summary>
    public async Task Refresh(CancellationToken cancel = default)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        // Before the rows: what changes in between is read again the next time.
        var version = await ReadVersion(connection, cancel);
        if (version == snapshot.Version)
            return;
        var all = await InstrumentRows.Read(connection, null, cancel);
        var read = Snapshot.Of(version, all);
        lock (gate)
        {
            if (read.Version > snapshot.Version)
                snapshot = read;
        }
    }

    /// <summary>Waits until somebody, anywhere, has changed an instrument since it was read, or for so long.</summary>
    public async Task WaitForChange(TimeSpan longest, CancellationToken cancel = default)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        await using (var listen = new NpgsqlCommand("LISTEN instrument_changed", connection))
            await listen.ExecuteNonQueryAsync(cancel);
        // What was changed before is not told.
        if (await ReadVersion(connection, cancel) == snapshot.Version)
            await connection.WaitAsync(longest, cancel);
    }

    private static async Task<long> ReadVersion(NpgsqlConnection connection, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(Version, connection);
        return (long)(await command.ExecuteScalarAsync(cancel))!;
    }

    private sealed record Named(InstrumentAlias Alias, string Symbol);

    private sealed record Snapshot(
        long Version,
        IReadOnlyList<DescribedInstrument> All,
        FrozenDictionary<string, DescribedInstrument> BySymbol,
        FrozenDictionary<string, List<Named>> ByAlias)
    {
        public static Snapshot Of(long version, List<DescribedInstrument> all) => new(
            version,
            all,
            all.ToFrozenDictionary(one => one.Symbol),
            all.SelectMany(one => one.Aliases.Select(alias => new Named(alias, one.Symbol)))
                .GroupBy(named => named.Alias.Alias)
                .ToFrozenDictionary(group => group.Key, group => group.ToList()));
    }
}

using Bifrost.Domain;
using Npgsql;
using NpgsqlTypes;

namespace Bifrost.Instruments;

/// <summary>Why a change of instruments is refused.</summary>
public enum InstrumentFault
{
    NotFound,
    Exists,
    AliasNotFree,
    AliasNotFound,
}

/// <param name="Detail">A sentence that names what is in the way, and where.</param>
public sealed record InstrumentRefusal(InstrumentFault Fault, string Detail);

/// <summary>What became of a change: the instrument as it is now, or why nothing has changed.</summary>
public readonly record struct InstrumentOutcome(DescribedInstrument? Instrument, InstrumentRefusal? Refusal);

/// <summary>Changes instruments and their aliases, each change a transaction that waits for its turn.</summary>
/// <param name="database">As the role of market data.</param>
public sealed class InstrumentStore(NpgsqlDataSource database)
{
    // So that what is checked is still so when it is written.
    private const string TakeTurn = "SELECT FROM instrument_change FOR UPDATE";

    // What programs that know symbols only are told. What somebody has said there before stays.
    private const string Symbol =
        """
        INSERT INTO market_symbol AS s (symbol, name, market, asset_type, status)
        VALUES ($1, coalesce(nullif($12, ''), $1), coalesce(nullif($8, ''), 'UNKNOWN'), coalesce($2, 'STOCK'),
                coalesce(nullif($9, ''), 'ACTIVE'))
        ON CONFLICT (symbol) DO UPDATE SET
            name = CASE WHEN s.name = s.symbol THEN EXCLUDED.name ELSE s.name END,
            market = coalesce(nullif(s.market, 'UNKNOWN'), EXCLUDED.market),
            asset_type = coalesce(nullif(s.asset_type, 'UNKNOWN'), EXCLUDED.asset_type),
            status = coalesce(nullif(s.status, 'UNKNOWN'), EXCLUDED.status)
        """;

    private const string Description =
        """
        INSERT INTO instrument AS i (
            symbol, type, currency, multiplier, quantity_decimals, price_decimals, allows_non_positive_price, exchange,
            status, listed_on, delisted_on, name)
        VALUES ($1, coalesce($2, 'STOCK'), nullif($3, ''), coalesce($4, 1), coalesce($5, 18), coalesce($6, 18),
                coalesce($7, false), nullif($8, ''), coalesce(nullif($9, ''), 'ACTIVE'), $10, $11, nullif($12, ''))
        ON CONFLICT (symbol) DO UPDATE SET
            type = coalesce($2, i.type), currency = nullif(coalesce($3, i.currency), ''),
            multiplier = coalesce($4, i.multiplier), quantity_decimals = coalesce($5, i.quantity_decimals),
            price_decimals = coalesce($6, i.price_decimals),
            allows_non_positive_price = coalesce($7, i.allows_non_positive_price),
            exchange = nullif(coalesce($8, i.exchange), ''), status = coalesce(nullif($9, ''), i.status),
            listed_on = coalesce($10, i.listed_on), delisted_on = coalesce($11, i.delisted_on),
            name = nullif(coalesce($12, i.name), ''), updated_at = now()
        RETURNING instrument_id
        """;

    private const string NamedSo = "SELECT instrument_id FROM instrument WHERE symbol = $1";

    private const string NameOf = "SELECT symbol FROM instrument WHERE instrument_id = $1";

    private const string UseOf = "SELECT instrument_use_of($1)";

    private const string Leads =
        """
        SELECT i.symbol, a.source, nullif(a.valid_from, '-infinity'), nullif(a.valid_to, 'infinity')
        FROM instrument_alias a JOIN instrument i USING (instrument_id)
        WHERE a.alias = $1 AND ($2 IS NULL OR a.source = $2) AND ($3 IS NULL OR a.instrument_id <> $3)
          AND a.valid_from < coalesce($5, 'infinity') AND a.valid_to > coalesce($4, '-infinity')
        ORDER BY a.source, a.valid_from LIMIT 1
        """;

    private const string TakeAway =
        """
        DELETE FROM instrument_alias
        WHERE alias = $1 AND source = $2 AND instrument_id = $3
          AND valid_from < coalesce($5, 'infinity') AND valid_to > coalesce($4, '-infinity')
        """;

    private const string Give =
        """
        INSERT INTO instrument_alias (alias, source, instrument_id, valid_from, valid_to)
        VALUES ($1, $2, $3, coalesce($4, '-infinity'), coalesce($5, 'infinity'))
        """;

    /// <summary>Describes an instrument that nobody has described.</summary>
    /// <param name="symbol">Canonical.</param>
    /// <param name="description">Checked.</param>
    public Task<InstrumentOutcome> Add(
        string symbol, InstrumentDescription description, CancellationToken cancel = default) =>
        Change(
            async connection => await Number(connection, NamedSo, cancel, Text(symbol)) is { } id
                ? Refused(InstrumentFault.Exists, $"{symbol} is described already, as instrument {id}: change that.")
                : await Describe(connection, symbol, description, cancel),
            cancel);

    /// <summary>Describes an instrument, or changes what was said of it.</summary>
    /// <inheritdoc cref="Add"/>
    public Task<InstrumentOutcome> Describe(
        string symbol, InstrumentDescription description, CancellationToken cancel = default) =>
        Change(connection => Describe(connection, symbol, description, cancel), cancel);

    /// <summary>Changes what was said of an instrument.</summary>
    /// <inheritdoc cref="Add"/>
    public Task<InstrumentOutcome> Describe(
        int id, InstrumentDescription description, CancellationToken cancel = default) =>
        Change(
            async connection => await Word(connection, NameOf, cancel, Id(id)) is { } symbol
                ? await Describe(connection, symbol, description, cancel)
                : Unknown(id),
            cancel);

    /// <summary>
    /// Gives an instrument another name. Where it has the name from the source already, at some of that time, it has it
    /// at this time instead.
    /// </summary>
    /// <param name="alias">Its name canonical, its source in small letters.</param>
    public Task<InstrumentOutcome> PutAlias(int id, InstrumentAlias alias, CancellationToken cancel = default) =>
        Change(
            async connection =>
            {
                if (await Word(connection, NameOf, cancel, Id(id)) is not { } symbol)
                    return Unknown(id);
                if (await Obstacle(connection, id, symbol, alias, cancel) is { } obstacle)
                    return Refused(InstrumentFault.AliasNotFree, obstacle);
                NpgsqlParameter[] Terms() =>
                    [Text(alias.Alias), Text(alias.Source), Id(id), Time(alias.From), Time(alias.To)];
                await Run(connection, TakeAway, cancel, Terms());
                await Run(connection, Give, cancel, Terms());
                return new InstrumentOutcome((await InstrumentRows.Read(connection, id, cancel))[0], null);
            },
            cancel);

    /// <summary>Takes a name away, at all times.</summary>
    public Task<InstrumentOutcome> RemoveAlias(
        int id, string source, string alias, CancellationToken cancel = default) =>
        Change(
            async connection =>
            {
                if (await Word(connection, NameOf, cancel, Id(id)) is not { } symbol)
                    return Unknown(id);
                var removed = await Run(
                    connection, TakeAway, cancel, Text(alias), Text(source), Id(id), Time(null), Time(null));
                return removed == 0
                    ? Refused(
                        InstrumentFault.AliasNotFound,
                        $"{symbol} is not called {alias} {new InstrumentAlias(source, alias).Scope}.")
                    : new InstrumentOutcome((await InstrumentRows.Read(connection, id, cancel))[0], null);
            },
            cancel);

    private async Task<InstrumentOutcome> Change(
        Func<NpgsqlConnection, Task<InstrumentOutcome>> change, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        await Run(connection, TakeTurn, cancel);
        var outcome = await change(connection);
        if (outcome.Refusal is null)
            await transaction.CommitAsync(cancel);
        return outcome;
    }

    private static async Task<InstrumentOutcome> Describe(
        NpgsqlConnection connection, string symbol, InstrumentDescription description, CancellationToken cancel)
    {
        if (await Led(connection, symbol, null, null, new InstrumentAlias("", ""), cancel) is { } other)
        {
            return Refused(
                InstrumentFault.AliasNotFree,
                $"{symbol} is an alias of {other}: describe that one, or take the alias away first.");
        }
        await Run(connection, Symbol, cancel, Terms(symbol, description));
        var id = (await Number(connection, Description, cancel, Terms(symbol, description)))!.Value;
        return new InstrumentOutcome((await InstrumentRows.Read(connection, id, cancel))[0], null);
    }

    // What is in the way of an alias, in a sentence; null where nothing is. With none of these an alias leads to an
    // instrument and never on.
    private static async Task<string?> Obstacle(
        NpgsqlConnection connection, int id, string symbol, InstrumentAlias alias, CancellationToken cancel)
    {
        if (alias.Alias == symbol)
            return $"{symbol} is what instrument {id} is called itself: an alias leads to it from another name.";
        if (await Number(connection, NamedSo, cancel, Text(alias.Alias)) is { } other)
            return $"{alias.Alias} is the primary name of instrument {other}, so it leads to that one and to no other.";
        if (await Word(connection, UseOf, cancel, Text(alias.Alias)) is { } use)
        {
            return $"There are {use} of {alias.Alias} itself, which nobody would find under that name any more: it "
                + $"cannot be an alias of {symbol}.";
        }
        return await Led(connection, alias.Alias, alias.Source, id, alias, cancel) is { } led
            ? $"{alias.Alias} leads to {led} already: end that alias first, or give times that do not overlap."
            : null;
    }

    private static async Task<string?> Led(
        NpgsqlConnection connection,
        string name,
        string? source,
        int? besides,
        InstrumentAlias when,
        CancellationToken cancel)
    {
        await using var command = Command(
            connection, Leads, Text(name), Text(source), Id(besides), Time(when.From), Time(when.To));
        await using var reader = await command.ExecuteReaderAsync(cancel);
        if (!await reader.ReadAsync(cancel))
            return null;
        var alias = new InstrumentAlias(
            reader.GetString(1),
            name,
            await reader.IsDBNullAsync(2, cancel) ? null : reader.GetDateTime(2),
            await reader.IsDBNullAsync(3, cancel) ? null : reader.GetDateTime(3));
        return $"{reader.GetString(0)} {alias.Scope}";
    }

    private static InstrumentOutcome Refused(InstrumentFault fault, string detail) =>
        new(null, new InstrumentRefusal(fault, detail));

    private static InstrumentOutcome Unknown(int id) =>
        Refused(InstrumentFault.NotFound, $"There is no instrument {id}.");

    private static NpgsqlParameter[] Terms(string symbol, InstrumentDescription d) =>
    [
        Text(symbol),
        Text(d.Type?.ToString()),
        Text(d.Currency),
        Value(NpgsqlDbType.Numeric, d.Multiplier),
        Value(NpgsqlDbType.Smallint, (short?)d.QuantityDecimals),
        Value(NpgsqlDbType.Smallint, (short?)d.PriceDecimals),
        Value(NpgsqlDbType.Boolean, d.AllowsNonPositivePrice),
        Text(d.Exchange),
        Text(d.Status),
        Value(NpgsqlDbType.Date, d.ListedOn),
        Value(NpgsqlDbType.Date, d.DelistedOn),
        Text(d.Name),
    ];

    private static NpgsqlParameter Text(string? value) => Value(NpgsqlDbType.Varchar, value);

    private static NpgsqlParameter Id(int? value) => Value(NpgsqlDbType.Integer, value);

    private static NpgsqlParameter Time(DateTime? value) => Value(NpgsqlDbType.TimestampTz, value);

    private static NpgsqlParameter Value(NpgsqlDbType type, object? value) =>
        new() { NpgsqlDbType = type, Value = value ?? DBNull.Value };

    private static async Task<int?> Number(
        NpgsqlConnection connection, string sql, CancellationToken cancel, params NpgsqlParameter[] parameters)
    {
        await using var command = Command(connection, sql, parameters);
        return await command.ExecuteScalarAsync(cancel) as int?;
    }

    private static async Task<string?> Word(
        NpgsqlConnection connection, string sql, CancellationToken cancel, params NpgsqlParameter[] parameters)
    {
        await using var command = Command(connection, sql, parameters);
        return await command.ExecuteScalarAsync(cancel) as string;
    }

    private static async Task<int> Run(
        NpgsqlConnection connection, string sql, CancellationToken cancel, params NpgsqlParameter[] parameters)
    {
        await using var command = Command(connection, sql, parameters);
        return await command.ExecuteNonQueryAsync(cancel);
    }

    private static NpgsqlCommand Command(
        NpgsqlConnection connection, string sql, params NpgsqlParameter[] parameters)
    {
        var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddRange(parameters);
        return command;
    }
}

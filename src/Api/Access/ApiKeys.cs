using Npgsql;

namespace Bifrost.Api.Access;

/// <summary>A key cannot be made as it was asked for; the message says why.</summary>
public sealed class KeyRefusedException(string message) : Exception(message);

/// <summary>The table of keys.</summary>
/// <param name="database">As the owner, to make and revoke keys; reading needs the application's role only.</param>
public sealed class ApiKeys(NpgsqlDataSource database)
{
    private const string Columns =
        "key_id, name, role, user_id, secret_hash, created_at, expires_at, revoked_at, rights, cash_per_day";

    private const string Undecided = "undecided";

    private const string InUse = $"SELECT {Columns} FROM ledger.api_key WHERE revoked_at IS NULL";

    private const string Every = $"SELECT {Columns} FROM ledger.api_key ORDER BY created_at, key_id";

    // Events keep the name, so who bears it anew has to be who bore it before.
    private const string Another =
        """
        SELECT EXISTS (SELECT FROM ledger.api_key
                       WHERE lower(name) = lower($1)
                         AND (name <> $1 OR role <> $2 OR user_id IS DISTINCT FROM $3::integer))
        """;

    private const string Insert =
        """
        INSERT INTO ledger.api_key (key_id, name, role, user_id, secret_hash, expires_at, rights, cash_per_day)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        """;

    private const string End =
        """
        UPDATE ledger.api_key SET revoked_at = coalesce(revoked_at, now()) WHERE key_id = $1
        """;

    private const string Change =
        """
        UPDATE ledger.api_key SET rights = $2, cash_per_day = $3 WHERE key_id = $1 AND revoked_at IS NULL
        """;

    /// <param name="grant">What the holder may bring about; null for what the role has by itself.</param>
    /// <returns>The key's id, and its text, which cannot be had again.</returns>
    /// <exception cref="KeyRefusedException">The name is in use, or was that of another caller.</exception>
    public async Task<(string KeyId, string Text)> Create(
        string name,
        Roles role,
        int? userId,
        DateTimeOffset? expiresAt,
        Grant? grant = null,
        CancellationToken cancel = default)
    {
        if (grant?.ProblemFor(role) is { } problem)
            throw new KeyRefusedException(problem);
        object user = userId is { } id ? id : DBNull.Value;
        await using (var another = Command(Another, name, role.Word(), user))
        {
            if ((bool)(await another.ExecuteScalarAsync(cancel))!)
            {
                throw new KeyRefusedException(
                    $"'{name}' is, or was, the name of a caller of another role, user or spelling, and stands on its "
                    + "events. Choose another name.");
            }
        }
        var (keyId, text, hash) = ApiKeyText.Make();
        object expiry = expiresAt is { } time ? time.ToUniversalTime() : DBNull.Value;
        var (rights, cash) = Stored(role, grant ?? Grant.Of(role));
        await using var insert = Command(Insert, keyId, name, role.Word(), user, hash, expiry, rights, cash);
        try
        {
            await insert.ExecuteNonQueryAsync(cancel);
        }
        catch (PostgresException e) when (e.ConstraintName == "api_key_name_in_use")
        {
            throw new KeyRefusedException(
                $"'{name}' has a key that is not revoked, and a caller has one at a time. Revoke that first "
                + "(./bifrost keys list shows its id), or choose another name.");
        }
        return (keyId, text);
    }

    /// <returns>False where there is no such key; revoking again changes nothing.</returns>
    public async Task<bool> Revoke(string keyId, CancellationToken cancel = default)
    {
        await using var command = Command(End, keyId);
        return await command.ExecuteNonQueryAsync(cancel) == 1;
    }

    /// <summary>Gives a key other rights. Servers know of it within two seconds.</summary>
    /// <exception cref="KeyRefusedException">The key's role cannot have these.</exception>
    /// <returns>False where the key was revoked meanwhile.</returns>
    public async Task<bool> SetRights(ApiKey key, Grant grant, CancellationToken cancel = default)
    {
        if (grant.ProblemFor(key.Role) is { } problem)
            throw new KeyRefusedException(problem);
        var (rights, cash) = Stored(key.Role, grant);
        await using var command = Command(Change, key.KeyId, rights, cash);
        return await command.ExecuteNonQueryAsync(cancel) == 1;
    }

    /// <summary>All keys there ever were.</summary>
    public Task<List<ApiKey>> List(CancellationToken cancel = default) => Read(Every, cancel);

    /// <summary>The keys that were not revoked. They may have expired.</summary>
    public Task<List<ApiKey>> ListInUse(CancellationToken cancel = default) => Read(InUse, cancel);

    private async Task<List<ApiKey>> Read(string sql, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(sql);
        await using var row = await command.ExecuteReaderAsync(cancel);
        var keys = new List<ApiKey>();
        while (await row.ReadAsync(cancel))
        {
            var role = RoleWords.Parse(row.GetString(2));
            keys.Add(new ApiKey(
                row.GetString(0),
                row.GetString(1),
                role,
                row.IsDBNull(3) ? null : row.GetInt32(3),
                row.GetFieldValue<byte[]>(4))
            {
                Grant = GrantOf(role, row.GetFieldValue<string[]>(8), row.IsDBNull(9) ? null : row.GetDecimal(9)),
                CreatedAt = row.GetFieldValue<DateTimeOffset>(5),
                ExpiresAt = row.IsDBNull(6) ? null : row.GetFieldValue<DateTimeOffset>(6),
                RevokedAt = row.IsDBNull(7) ? null : row.GetFieldValue<DateTimeOffset>(7),
            });
        }
        return keys;
    }

    // Of the other roles nothing is stored: their rights are what they are.
    private static Grant GrantOf(Roles role, string[] words, decimal? cashPerDay) =>
        !Grant.IsOpenFor(role) ? Grant.Of(role)
        : words.Contains(Undecided) ? Grant.Undecided
        : new Grant(words.Aggregate(Rights.None, (rights, word) => rights | RightWords.Parse(word)), cashPerDay);

    private static (string[] Rights, object Cash) Stored(Roles role, Grant grant) => (
        Grant.IsOpenFor(role) ? [.. grant.Rights.Words()] : [],
        grant.CashPerDay is { } most ? most : DBNull.Value);

    private NpgsqlCommand Command(string sql, params object[] parameters)
    {
        var command = database.CreateCommand(sql);
        foreach (var parameter in parameters)
            command.Parameters.Add(new NpgsqlParameter { Value = parameter });
        return command;
    }
}

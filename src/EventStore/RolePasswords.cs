using System.Security.Cryptography;
using System.Text;
using Npgsql;

namespace Bifrost.EventStore;

/// <summary>
/// The passwords of the modules' roles, in a file in the format of PostgreSQL's .pgpass that the owner's connection
/// string names. What the file does not have is made up; what the server does not have is set as the file says.
/// </summary>
public static class RolePasswords
{
    private const UnixFileMode OnlyOwner = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <param name="connectionString">
    /// Of the owner of a database that has the schema; without a Passfile nothing is done.
    /// </param>
    /// <exception cref="PostgresException">The owner may not set the password of a role.</exception>
    public static async Task Provide(string connectionString, CancellationToken cancel = default)
    {
        // Without a pool, which would keep a connection to a database that is about to be copied or dropped.
        var settings = new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false };
        if (settings.Passfile is not { } file)
            return;
        await using var owner = new NpgsqlConnection(settings.ConnectionString);
        await owner.OpenAsync(cancel);
        await using var transaction = await owner.BeginTransactionAsync(cancel);
        // One process at a time.
        await using (var wait = new NpgsqlCommand(SchemaMigrations.Lock, owner, transaction))
            await wait.ExecuteNonQueryAsync(cancel);
        var known = await Read(file, cancel);
        foreach (var role in ModuleRoles.All)
        {
            if (!known.TryGetValue(role, out var password))
                await Add(file, role, password = RandomNumberGenerator.GetHexString(48, lowercase: true), cancel);
            if (!await IsTaken(connectionString, role, cancel))
                await Set(owner, role, password, cancel);
        }
        await transaction.CommitAsync(cancel);
    }

    // host:port:database:user:password; ours hold neither a colon nor a backslash.
    private static async Task<Dictionary<string, string>> Read(string file, CancellationToken cancel)
    {
        var lines = File.Exists(file) ? await File.ReadAllLinesAsync(file, cancel) : [];
        // The first one counts, as for PostgreSQL.
        return lines.Select(line => line.Split(':', 5)).Where(entry => entry.Length == 5)
            .GroupBy(entry => entry[3]).ToDictionary(entries => entries.Key, entries => entries.First()[4]);
    }

    private static async Task Add(string file, string role, string password, CancellationToken cancel)
    {
        var options = new FileStreamOptions { Mode = FileMode.Append, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = OnlyOwner;
        await using var stream = new FileStream(file, options);
        await stream.WriteAsync(Encoding.UTF8.GetBytes($"*:*:*:{role}:{password}\n"), cancel);
    }

    private static async Task<bool> IsTaken(string connectionString, string role, CancellationToken cancel)
    {
        var settings = ModuleRoles.As(role, connectionString, "");
        settings.Pooling = false;
        await using var connection = new NpgsqlConnection(settings.ConnectionString);
        try
        {
            await connection.OpenAsync(cancel);
            return true;
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InvalidPassword)
        {
            return false;
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.TooManyConnections)
        {
            // Said to those only whose password is right.
            return true;
        }
    }

    // A password cannot be a parameter; PostgreSQL's own quoting makes a literal of it.
    private static async Task Set(NpgsqlConnection owner, string role, string password, CancellationToken cancel)
    {
        await using var quote = new NpgsqlCommand("SELECT format('ALTER ROLE %I PASSWORD %L', $1, $2)", owner);
        quote.Parameters.Add(new NpgsqlParameter<string> { TypedValue = role });
        quote.Parameters.Add(new NpgsqlParameter<string> { TypedValue = password });
        await using var set = new NpgsqlCommand((string)(await quote.ExecuteScalarAsync(cancel))!, owner);
        await set.ExecuteNonQueryAsync(cancel);
    }
}

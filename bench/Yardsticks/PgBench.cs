using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Npgsql;

namespace Bifrost.Bench.Yardsticks;

/// <summary>PostgreSQL's own load generator: one row a transaction, nothing else done.</summary>
internal sealed partial class PgBench(string program, BenchDatabase database)
{
    private const string Table =
        "CREATE TABLE IF NOT EXISTS yardstick (id bigserial PRIMARY KEY, payload text NOT NULL)";

    private const string Script = "INSERT INTO yardstick (payload) VALUES (:payload);\n";

    /// <summary>What BIFROST_PGBENCH names, else one on the path or of an installed server; null without any.</summary>
    public static string? Find() =>
        Environment.GetEnvironmentVariable("BIFROST_PGBENCH") is { Length: > 0 } named
            ? named
            : OnPath().Concat(Installed()).FirstOrDefault(File.Exists);

    /// <returns>Transactions a second.</returns>
    public async Task<double> Run(int clients, int payloadBytes, int seconds, CancellationToken cancel)
    {
        await database.Execute(Table, cancel);
        await database.Execute("TRUNCATE yardstick", cancel);
        var start = new ProcessStartInfo(program) { RedirectStandardInput = true, RedirectStandardOutput = true };
        foreach (var argument in Arguments(clients, payloadBytes, seconds))
            start.ArgumentList.Add(argument);
        Connect(start.Environment);
        using var process = Process.Start(start)!;
        // By standard input, because the program may run where our files are not seen.
        await process.StandardInput.WriteAsync(Script);
        process.StandardInput.Close();
        var output = await process.StandardOutput.ReadToEndAsync(cancel);
        await process.WaitForExitAsync(cancel);
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{program} failed: {output}");
        // Without a line where the time went by before one transaction was done.
        var rate = Rate().Match(output);
        return rate.Success ? double.Parse(rate.Groups[1].Value, CultureInfo.InvariantCulture) : 0;
    }

    private static string[] Arguments(int clients, int payloadBytes, int seconds) =>
    [
        "--no-vacuum", "--protocol=prepared", $"--client={clients}", $"--jobs={Math.Min(clients, 2)}",
        $"--time={seconds}", "--define", $"payload={RandomNumberGenerator.GetHexString(payloadBytes)}", "--file=-",
    ];

    // Whatever the connection does not say comes from the caller's environment, as it does for Npgsql.
    private void Connect(IDictionary<string, string?> environment)
    {
        var connection = new NpgsqlConnectionStringBuilder(database.ConnectionString);
        (string Name, string? Value)[] variables =
        [
            ("PGHOST", connection.Host),
            ("PGPORT", connection.Port.ToString(CultureInfo.InvariantCulture)),
            ("PGUSER", connection.Username),
            ("PGPASSWORD", connection.Password),
            ("PGPASSFILE", connection.Passfile),
            ("PGDATABASE", connection.Database),
            ("PGSSLMODE", connection.SslMode switch
            {
                SslMode.VerifyCA => "verify-ca",
                SslMode.VerifyFull => "verify-full",
                var mode => $"{mode}".ToLowerInvariant(),
            }),
            ("PGSSLROOTCERT", connection.RootCertificate),
        ];
        foreach (var (name, value) in variables.Where(variable => variable.Value is not null))
            environment[name] = value;
        // libpq would go there whatever PGHOST says.
        environment.Remove("PGHOSTADDR");
        environment.Remove("PGSERVICE");
    }

    private static IEnumerable<string> OnPath() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(folder => Path.Combine(folder, "pgbench"));

    private static IEnumerable<string> Installed() => Directory.Exists("/usr/lib/postgresql")
        ? Directory.GetDirectories("/usr/lib/postgresql").OrderDescending()
            .Select(folder => Path.Combine(folder, "bin", "pgbench"))
        : [];

    [GeneratedRegex(@"^tps = ([0-9.]+)", RegexOptions.Multiline)]
    private static partial Regex Rate();
}

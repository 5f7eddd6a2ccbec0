using System.CommandLine;
using Bifrost.EventStore;
using Npgsql;

namespace Bifrost.Cli;

internal static class SchemaCommand
{
    public static Command Create()
    {
        var command = new Command("schema", "Applies the numbered files of sql/ that the database does not have yet.");
        command.Does(async (_, cancel) =>
        {
            await Apply(Settings.Database, Console.Out, cancel);
            return 0;
        });
        return command;
    }

    public static async Task Apply(string database, TextWriter said, CancellationToken cancel)
    {
        await using var owner = NpgsqlDataSource.Create(database);
        foreach (var file in await SchemaMigrations.Apply(owner, cancel))
            await said.WriteLineAsync($"applied {file}");
        await RolePasswords.Provide(database, cancel);
        await DatabaseDoors.Shut(owner, cancel);
    }
}

using System.CommandLine;
using Bifrost.Audit.Anchors;
using Bifrost.Grains;

namespace Bifrost.Cli.Audit;

internal static class AnchorCommand
{
    public static Command Create()
    {
        var command = new Command(
            "anchor",
            "Signs what the log is now and appends it to the anchors, as a running server does every few seconds. "
            + "Prints the newest anchor.");
        command.Does(async (_, cancel) =>
        {
            await using var database = LedgerConnections.Readers(Settings.Database);
            var settings = Settings.Audit;
            var folder = await AuditFolder.Of(database, settings.Root!, settings.Key, cancel);
            using var signer = Open(database, folder with { CoSigners = settings.CoSigners });
            await signer.Sign(cancel);
            Console.WriteLine(signer.Latest is { } latest ? latest.ToLine() : "There are no events to anchor.");
            return 0;
        });
        return command;
    }

    private static AnchorSigner Open(Npgsql.NpgsqlDataSource database, AuditFolder folder)
    {
        try
        {
            return AnchorSigner.Open(database, folder, TimeProvider.System);
        }
        catch (IOException e)
        {
            throw new OperatorException(
                $"{folder.Path} cannot be opened: {e.Message} Where a server runs it signs the anchors itself.");
        }
    }
}

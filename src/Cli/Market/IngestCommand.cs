using System.CommandLine;
using Bifrost.MarketData;
using Bifrost.MarketData.Bars;
using Bifrost.MarketData.Files;
using Bifrost.MarketData.Ingestion;
using Bifrost.MarketData.Rollups;
using Npgsql;

namespace Bifrost.Cli.Market;

internal static class IngestCommand
{
    private static readonly Argument<string[]> Files = new("FILE")
    {
        Description = "Files of bars, gzip or not; - reads standard input.",
        Arity = ArgumentArity.OneOrMore,
    };

    private static readonly Option<BarInterval> Interval = new("--interval")
    {
        Description = "How long a bar is, which says the table: min, hour or day. Bars of 5 minutes are min.",
        Required = true,
    };

    private static readonly Option<string?> Symbol = new("--symbol")
    {
        Description = "The symbol of rows that name none.",
    };

    private static readonly Option<string> Format = new("--format")
    {
        Description = "How the file is written; it is recognised by its content: CSV in any order of columns, with "
            + "dates and times in the customary forms, JSON lines, a JSON array.",
        DefaultValueFactory = _ => "auto",
    };

    private static readonly Option<string?> TimeZone = new("--time-zone")
    {
        Description = "Of times without an offset: an IANA name such as Europe/Berlin, or +01:00. UTC by default.",
    };

    private static readonly Option<string> Labels = new("--labels")
    {
        Description = "Whether a time says when the bar began or when it ended: start or end.",
        DefaultValueFactory = _ => "start",
    };

    private static readonly Option<int?> BarMinutes = new("--bar-minutes")
    {
        Description = "With --labels end: how many minutes a bar is long, where that is not the interval.",
    };

    private static readonly Option<string?> DateOrder = new("--date-order")
    {
        Description = "Of dates such as 1/2/1990 where no row tells: mdy or dmy.",
    };

    private static readonly Option<string?> Columns = new("--columns")
    {
        Description = "Names for the columns of a file without a header, such as date,open,high,low,close,volume.",
    };

    private static readonly Option<string?> Source = new("--source")
    {
        Description = "What quarantined rows and corrections name as their origin; the file's name by default.",
    };

    public static Command Create()
    {
        Format.AcceptOnlyFromAmong("auto");
        Labels.AcceptOnlyFromAmong("start", "end");
        DateOrder.AcceptOnlyFromAmong("mdy", "dmy");
        var command = new Command(
            "ingest",
            "Loads bars into their hypertable and rolls them up. What is stored already is left alone, so a load that "
            + "was cut off is simply run again. Rows that cannot be true go to quarantine with their reason. Loading "
            + "bars that are older than bars are kept switches their retention off.")
        {
            Files, Interval, Symbol, Format, TimeZone, Labels, BarMinutes, DateOrder, Columns, Source,
        };
        command.Does(Run);
        return command;
    }

    private static async Task<int> Run(ParseResult parsed, CancellationToken cancel)
    {
        var files = parsed.GetValue(Files)!;
        if (Array.Find(files, file => file != "-" && !File.Exists(file)) is { } missing)
            throw new OperatorException($"There is no file '{missing}'; nothing was loaded.");
        await using var database = MarketConnections.Workers(Settings.Database);
        var unreadable = 0;
        var counts = default(IngestCounts);
        foreach (var file in files)
        {
            try
            {
                counts += await Load(file, parsed, database, cancel);
            }
            catch (UnreadableBarsException e)
            {
                unreadable++;
                await Console.Error.WriteLineAsync($"{file}: {e.Message}{OptionOf(e.Lacking)}");
            }
        }
        await RollUp(database, cancel);
        if (counts.Corrected > 0)
            Console.WriteLine($"of the written rows {counts.Corrected} replaced others, which are kept as corrections");
        if (counts.Quarantined > 0)
            Console.WriteLine("quarantined rows and their reasons: GET /api/market-data/quarantine");
        if (counts.NotKept > 0)
            Console.WriteLine($"of the quarantined rows {counts.NotKept} are only counted, because there are so many");
        Console.WriteLine(
            $"read {counts.Read}, written {counts.Written}, unchanged {counts.Unchanged}, "
            + $"quarantined {counts.Quarantined}");
        return unreadable == 0 ? 0 : 1;
    }

    private static async Task<IngestCounts> Load(
        string file, ParseResult parsed, NpgsqlDataSource database, CancellationToken cancel)
    {
        await using var content = file == "-" ? Console.OpenStandardInput() : File.OpenRead(file);
        var interval = parsed.GetValue(Interval);
        var source = parsed.GetValue(Source) ?? (file == "-" ? "standard input" : Path.GetFileName(file));
        using var progress = new IngestReport(source, file == "-" ? null : content.Length);
        return await new BarIngestion(new BarWriter(database)).Run(
            BarFile.Read(content, OptionsOf(parsed), cancel), interval, new BarOrigin(source, true), progress, cancel);
    }

    private static BarFileOptions OptionsOf(ParseResult parsed)
    {
        var words = new BarFileWords
        {
            Interval = parsed.GetValue(Interval).Word(),
            Symbol = parsed.GetValue(Symbol),
            TimeZone = parsed.GetValue(TimeZone),
            Labels = parsed.GetValue(Labels),
            BarMinutes = parsed.GetValue(BarMinutes),
            DateOrder = parsed.GetValue(DateOrder),
            Columns = parsed.GetValue(Columns),
        };
        return words.ToOptions((name, fault) => throw new OperatorException(
            $"{(name == "symbol" ? Symbol.Name : BarMinutes.Name)} {fault}; nothing was loaded.")) with
        {
            Limits = Settings.Loads,
        };
    }

    private static string OptionOf(BarSetting? setting) => setting switch
    {
        BarSetting.Symbol => $" ({Symbol.Name})",
        BarSetting.Columns => $" ({Columns.Name})",
        BarSetting.TimeZone => $" ({TimeZone.Name})",
        BarSetting.DateOrder => $" ({DateOrder.Name})",
        BarSetting.Labels => $" ({Labels.Name})",
        _ => "",
    };

    private static async Task RollUp(NpgsqlDataSource database, CancellationToken cancel)
    {
        var rollups = new BarRollups(database);
        using var progress = new RollupReport();
        await rollups.Run(progress, cancel);
    }
}

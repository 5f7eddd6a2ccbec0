using System.CommandLine;
using System.Globalization;
using Bifrost.Instruments;
using Bifrost.MarketData;
using Npgsql;

namespace Bifrost.Cli.Instruments;

/// <summary>What symbols stand for, straight in the database: a running server follows.</summary>
internal static class InstrumentsCommand
{
    private static readonly string[] Columns =
        ["id", "symbol", "type", "currency", "multiplier", "exchange", "status", "name", "aliases"];

    public static Command Create() => new("instruments", "What symbols stand for, and by what other names.")
    {
        List(), Show(), DescribeCommand.Create(With), Load(), Alias(),
    };

    private static Command List()
    {
        var command = new Command("list", "Lists the instruments that somebody has described.");
        command.Does((_, cancel) => With(async (_, catalog) =>
        {
            await catalog.Refresh(cancel);
            Rows.Show(Columns, catalog.All.Select(Row));
            return 0;
        }));
        return command;
    }

    private static Command Show()
    {
        var name = new Argument<string>("SYMBOL") { Description = "A symbol, or an alias of one." };
        var command = new Command("show", "Shows one instrument, with its aliases.") { name };
        command.Does((parsed, cancel) => With(async (_, catalog) =>
        {
            await catalog.Refresh(cancel);
            Show(Find(catalog, parsed.GetValue(name)!));
            return 0;
        }));
        return command;
    }

    /// <summary>Shows one, with its aliases.</summary>
    public static void Show(DescribedInstrument one)
    {
        Rows.Show(Columns, [Row(one)]);
        if (one.Aliases.Count > 0)
            Rows.Show(["alias", "holds"], one.Aliases.Select(alias => new[] { alias.Alias, alias.Scope }));
    }

    private static Command Load()
    {
        var file = new Argument<FileInfo>("FILE")
        {
            Description = "CSV with a header, a JSON array, or a JSON object a line. Its fields are symbol, type, "
                + "currency, multiplier, quantityDecimals, priceDecimals, allowsNonPositivePrice, exchange, status, "
                + "listedOn, delistedOn, name and aliases.",
        };
        var command = new Command(
            "load",
            "Describes the instruments of a file. Where something in it cannot be, nothing of it is taken; what is "
            + "described already is changed to what the file says of it.")
        {
            file,
        };
        command.Does((parsed, cancel) => With(async (store, _) =>
        {
            var given = await Read(parsed.GetValue(file)!, cancel);
            var refused = 0;
            foreach (var one in given)
            {
                foreach (var refusal in await Apply(store, one, cancel))
                {
                    refused++;
                    await Console.Error.WriteLineAsync($"{one.Place}, {one.Symbol}: {refusal.Detail}");
                }
            }
            Console.WriteLine($"read {given.Count}, refused {refused}");
            return refused == 0 ? 0 : 1;
        }));
        return command;
    }

    private static Command Alias()
    {
        var name = new Argument<string>("SYMBOL") { Description = "The instrument." };
        var alias = new Argument<string>("ALIAS") { Description = "What it is called as well." };
        var source = new Option<string>("--source")
        {
            Description = "Who calls it so; everybody by default.", DefaultValueFactory = _ => InstrumentAlias.Any,
        };
        var from = new Option<DateTime?>("--from") { Description = "Since when: a date or a time." };
        var to = new Option<DateTime?>("--to") { Description = "From when on not any more." };
        var remove = new Option<bool>("--remove") { Description = "Take the name away instead." };
        var command = new Command("alias", "Gives an instrument another name, or takes it away.")
        {
            name, alias, source, from, to, remove,
        };
        command.Does((parsed, cancel) => With(async (store, catalog) =>
        {
            await catalog.Refresh(cancel);
            var one = Find(catalog, parsed.GetValue(name)!);
            var given = new InstrumentAlias(
                parsed.GetValue(source)!.Trim().ToLowerInvariant(),
                Domain.Symbols.Canonical(parsed.GetValue(alias)!)
                    ?? throw new OperatorException($"ALIAS {Domain.Symbols.Rule}"),
                Utc(parsed.GetValue(from)),
                Utc(parsed.GetValue(to)));
            if (given.From >= given.To)
                throw new OperatorException("--to is after --from.");
            var outcome = parsed.GetValue(remove)
                ? await store.RemoveAlias(one.Id, given.Source, given.Alias, cancel)
                : await store.PutAlias(one.Id, given, cancel);
            if (outcome.Refusal is { } refusal)
                throw new OperatorException(refusal.Detail);
            Rows.Show(["alias", "holds"], outcome.Instrument!.Aliases.Select(a => new[] { a.Alias, a.Scope }));
            return 0;
        }));
        return command;
    }

    private static async Task<IReadOnlyList<FiledInstrument>> Read(FileInfo file, CancellationToken cancel)
    {
        if (!file.Exists)
            throw new OperatorException($"There is no file '{file}'; nothing was loaded.");
        try
        {
            return InstrumentFile.Read(await File.ReadAllTextAsync(file.FullName, cancel));
        }
        catch (InstrumentFileException e)
        {
            throw new OperatorException($"{e.Message}\nNothing was loaded.");
        }
    }

    private static async Task<List<InstrumentRefusal>> Apply(
        InstrumentStore store, FiledInstrument one, CancellationToken cancel)
    {
        var described = await store.Describe(one.Symbol, one.Description, cancel);
        if (described.Refusal is { } refusal)
            return [refusal];
        var refusals = new List<InstrumentRefusal>();
        foreach (var alias in one.Aliases)
        {
            if ((await store.PutAlias(described.Instrument!.Id, alias, cancel)).Refusal is { } refused)
                refusals.Add(refused);
        }
        return refusals;
    }

    private static DescribedInstrument Find(InstrumentCatalog catalog, string name) =>
        catalog.Resolve(name, null, DateTimeOffset.UtcNow) is { } symbol
            ? catalog.Find(symbol)!
            : throw new OperatorException($"Nobody has described {name}: ./bifrost instruments load describes.");

    private static string[] Row(DescribedInstrument one) =>
    [
        one.Id.ToString(CultureInfo.InvariantCulture),
        one.Symbol,
        one.Instrument.Type.ToString(),
        one.Instrument.Currency ?? "",
        Domain.Money.Normalize(one.Instrument.Multiplier).ToString(CultureInfo.InvariantCulture),
        one.Exchange ?? "",
        one.Status,
        one.Name ?? "",
        string.Join("; ", one.Aliases.Select(alias => alias.Alias).Distinct()),
    ];

    private static DateTime? Utc(DateTime? time) => time is { } given
        ? given.Kind == DateTimeKind.Local ? given.ToUniversalTime() : DateTime.SpecifyKind(given, DateTimeKind.Utc)
        : null;

    private static async Task<int> With(Func<InstrumentStore, InstrumentCatalog, Task<int>> action)
    {
        await using var database = MarketConnections.Workers(Settings.Database);
        return await action(new InstrumentStore(database), new InstrumentCatalog(database));
    }
}

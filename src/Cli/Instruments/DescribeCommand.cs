using System.CommandLine;
using Bifrost.Domain.Instruments;
using Bifrost.Instruments;
using Bifrost.Instruments.Exchanges;

namespace Bifrost.Cli.Instruments;

/// <summary>Says what one symbol stands for.</summary>
internal static class DescribeCommand
{
    private static readonly Argument<string> Symbol = new("SYMBOL") { Description = "The primary name." };

    private static readonly Option<InstrumentType?> Type = new("--type")
    {
        Description = string.Join(", ", Enum.GetNames<InstrumentType>()) + ".",
    };

    private static readonly Option<string?> Currency = new("--currency") { Description = "What prices are in." };

    private static readonly Option<decimal?> Multiplier = new("--multiplier")
    {
        Description = "How much of the currency one of it is worth at a price of one.",
    };

    private static readonly Option<int?> QuantityDecimals = new("--quantity-decimals") { Description = "0 to 18." };

    private static readonly Option<int?> PriceDecimals = new("--price-decimals") { Description = "0 to 18." };

    private static readonly Option<bool?> NonPositive = new("--allows-non-positive-price")
    {
        Description = "true or false: whether it may trade at zero or below.",
    };

    private static readonly Option<string?> Exchange = new("--exchange")
    {
        Description = $"By whose sessions its days are; it {KnownExchanges.Rule}",
    };

    private static readonly Option<string?> Name = new("--name") { Description = "For people." };

    public static Command Create(Func<Func<InstrumentStore, InstrumentCatalog, Task<int>>, Task<int>> with)
    {
        var command = new Command(
            "describe", "Says what a symbol stands for, or changes it: what is left out stays; '' takes a text away.")
        {
            Symbol, Type, Currency, Multiplier, QuantityDecimals, PriceDecimals, NonPositive, Exchange, Name,
        };
        command.Does((parsed, cancel) => with(async (store, _) =>
        {
            var symbol = Domain.Symbols.Canonical(parsed.GetValue(Symbol)!)
                ?? throw new OperatorException($"SYMBOL {Domain.Symbols.Rule}");
            var description = Of(parsed);
            var faults = new List<string>();
            description.Check((field, fault) => faults.Add($"{field} {fault}"));
            if (faults.Count > 0)
                throw new OperatorException(string.Join(' ', faults));
            var outcome = await store.Describe(symbol, description, cancel);
            InstrumentsCommand.Show(outcome.Instrument ?? throw new OperatorException(outcome.Refusal!.Detail));
            return 0;
        }));
        return command;
    }

    private static InstrumentDescription Of(ParseResult parsed) => new()
    {
        Type = parsed.GetValue(Type),
        Currency = parsed.GetValue(Currency),
        Multiplier = parsed.GetValue(Multiplier),
        QuantityDecimals = parsed.GetValue(QuantityDecimals),
        PriceDecimals = parsed.GetValue(PriceDecimals),
        AllowsNonPositivePrice = parsed.GetValue(NonPositive),
        Exchange = parsed.GetValue(Exchange)?.ToUpperInvariant(),
        Name = parsed.GetValue(Name),
    };
}

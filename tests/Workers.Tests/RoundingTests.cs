using Bifrost.Domain;
using Bifrost.MarketData.Prices;
using Bifrost.Projections;
using FsCheck;
using FsCheck.Fluent;
using Npgsql;

namespace Bifrost.Workers.Tests;

/// <summary>The database rounds as the ledger does: half to even, to the same digit.</summary>
public sealed class RoundingTests(ValuedLedger valued) : IClassFixture<ValuedLedger>
{
    // Of each kind of number that sixteen decimals allow, and of ties many.
    private static readonly Gen<decimal> Amounts =
        from whole in Gen.Choose(-1_000_000, 1_000_000)
        from parts in Gen.Elements(0, 5, 25, 125, 4_999, 5_000, 5_001, 12_345_678)
        from scale in Gen.Choose(0, 12)
        select whole + new decimal(parts, 0, 0, false, (byte)scale);

    [Fact]
    public async Task amounts_of_currencies_are_the_same()
    {
        foreach (var currency in new[] { "USD", "JPY", "KWD", "BTC" }.Select(Currency.Of))
        {
            await Same(
                $"ledger.rounded(u.a, {Display.DecimalsOf(currency)})",
                Amounts,
                amount => Display.Amount(amount, currency));
        }
    }

    [Fact]
    public Task prices_are_the_same() => Same("ledger.price(u.a)", Amounts, Marks.Price);

    [Fact]
    public async Task ratios_are_the_same()
    {
        var parts = Amounts.Sample(1000, 12).ToArray();
        var wholes = Amounts.Sample(1000, 12).Select(Math.Abs).ToArray();
        wholes[0] = 0;
        (parts[1], wholes[1]) = (1_000_000, 0.5m);

        var ratios = await Compute("ledger.ratio(u.a, u.b)", parts, wholes);

        for (var i = 0; i < parts.Length; i++)
            ratios[i].ShouldBe(Display.Ratio(parts[i], wholes[i]), $"{parts[i]} of {wholes[i]}");
    }

    private async Task Same(string expression, Gen<decimal> numbers, Func<decimal, decimal> ours)
    {
        var values = numbers.Sample(2000, 12).ToArray();

        var rounded = await Compute(expression, values, values);

        for (var i = 0; i < values.Length; i++)
            rounded[i].ShouldBe(ours(values[i]), $"{values[i]}");
    }

    private async Task<List<decimal>> Compute(string expression, decimal[] a, decimal[] b)
    {
        await using var command = valued.Market.CreateCommand(
            $"SELECT {expression} FROM unnest($1::numeric[], $2::numeric[]) WITH ORDINALITY AS u (a, b, n) ORDER BY n");
        command.Parameters.Add(new NpgsqlParameter<decimal[]> { TypedValue = a });
        command.Parameters.Add(new NpgsqlParameter<decimal[]> { TypedValue = b });
        await using var reader = await command.ExecuteReaderAsync();
        var values = new List<decimal>();
        while (await reader.ReadAsync())
            values.Add(reader.GetDecimal(0));
        return values;
    }
}

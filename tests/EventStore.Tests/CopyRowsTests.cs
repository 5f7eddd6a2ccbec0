using Npgsql;

namespace Bifrost.EventStore.Tests;

/// <summary>What is sent by COPY is what PostgreSQL then has.</summary>
public sealed class CopyRowsTests
{
    [Fact]
    public async Task every_kind_of_value_arrives_as_it_was()
    {
        decimal[] numbers =
        [
            0, 1, -1, 0.00000001m, -0.1m, 9999, 10000, 10001, 99999999, 100000000, 1234.5678m, 12345.00010000m,
            decimal.MaxValue, decimal.MinValue, 0.0000000000000000000000000001m, 79228162514264337593543950.335m,
            1.0m, 1.00m, 1.000m, 1.0000m, 1.00000m, 100000.00001m, .. Random(2_000),
        ];
        await using var database = await EmptyDatabase.Create();
        await using var connection = await database.Owner.OpenConnectionAsync();
        await using (var make = new NpgsqlCommand(
            "CREATE TABLE copied (i int, l bigint, n numeric, t text, b boolean, at timestamptz)", connection))
            await make.ExecuteNonQueryAsync();

        var at = new DateTime(1999, 12, 31, 23, 59, 59, 123, 456, DateTimeKind.Utc);
        await using (var copy = await CopyRows.Begin(connection, "copied", 6, CancellationToken.None))
        {
            for (var i = 0; i < numbers.Length; i++)
            {
                copy.Row();
                copy.Write(i);
                copy.Write(long.MinValue + i);
                copy.Write(numbers[i]);
                copy.Write($"Grüße {i}");
                copy.Write(i % 2 == 0);
                if (i % 3 == 0)
                    copy.Null();
                else
                    copy.Write(at.AddMicroseconds(i));
                await copy.Send(CancellationToken.None);
            }
            await copy.Complete(CancellationToken.None);
        }

        await using var select = new NpgsqlCommand("SELECT * FROM copied ORDER BY i", connection);
        await using var reader = await select.ExecuteReaderAsync();
        for (var i = 0; i < numbers.Length; i++)
        {
            (await reader.ReadAsync()).ShouldBeTrue();
            (reader.GetInt32(0), reader.GetInt64(1)).ShouldBe((i, long.MinValue + i));
            var number = reader.GetDecimal(2);
            (number, number.Scale).ShouldBe((numbers[i], numbers[i].Scale));
            (reader.GetString(3), reader.GetBoolean(4)).ShouldBe(($"Grüße {i}", i % 2 == 0));
            (reader.IsDBNull(5) ? (DateTime?)null : reader.GetDateTime(5))
                .ShouldBe(i % 3 == 0 ? null : at.AddMicroseconds(i));
        }
        (await reader.ReadAsync()).ShouldBeFalse();
    }

    [Fact]
    public async Task a_copy_that_is_not_completed_writes_nothing()
    {
        await using var database = await EmptyDatabase.Create();
        await using var connection = await database.Owner.OpenConnectionAsync();
        await using (var make = new NpgsqlCommand("CREATE TABLE copied (i int)", connection))
            await make.ExecuteNonQueryAsync();

        await using (var copy = await CopyRows.Begin(connection, "copied", 1, CancellationToken.None))
        {
            copy.Row();
            copy.Write(1);
        }

        await using var count = new NpgsqlCommand("SELECT count(*) FROM copied", connection);
        (await count.ExecuteScalarAsync()).ShouldBe(0L);
    }

    private static IEnumerable<decimal> Random(int count)
    {
        var random = new Random(20);
        for (var i = 0; i < count; i++)
        {
            yield return new decimal(
                random.Next(),
                i % 2 == 0 ? random.Next() : 0,
                i % 5 == 0 ? random.Next() : 0,
                i % 3 == 0,
                (byte)random.Next(29));
        }
    }
}

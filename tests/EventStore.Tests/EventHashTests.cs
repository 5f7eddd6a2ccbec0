using System.Globalization;
using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Npgsql;
using static Bifrost.EventStore.Tests.OwnLog;

namespace Bifrost.EventStore.Tests;

public sealed class EventHashTests(OwnLog log) : IClassFixture<OwnLog>
{
    [Fact]
    public void the_hash_of_an_event_is_that_of_the_documented_bytes()
    {
        var hashed = new HashedEvent(
            7,
            new EventOrder(1, 2),
            "order-9",
            "order_placed",
            Guid.Parse("01890A5D-AC96-774B-BCCE-B302099A8057"),
            new DateTimeOffset(2026, 3, 2, 14, 30, 0, 5, TimeSpan.Zero).AddMicroseconds(25),
            new HashedOrigin("ann", "", null));
        var bytes =
            """
            15:bifrost event 1,64:0000000000000000000000000000000000000000000000000000000000000000,1:7,1:2,7:order-9,
            1:1,12:order_placed,36:01890a5d-ac96-774b-bcce-b302099a8057,27:2026-03-02T14:30:00.005025Z,3:ann,0:,-,
            11:{"a": "é"},
            """.Replace("\n", "", StringComparison.Ordinal);

        EventHash.Of(EventHash.Beginning, hashed, """{"a": "é"}"""u8.ToArray())
            .ShouldBe(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(bytes)));
    }

    [Fact]
    public async Task the_database_computes_the_same_hash_of_each_kind_of_event()
    {
        var facts = PortfolioFacts.All.Concat(OrderFacts.All).Concat(HoldingFacts.All).Concat(TradeFacts.All).ToList();
        var versions = new Dictionary<string, long>();
        var previous = EventHash.Beginning;
        var chain = new List<NewEvent>();
        foreach (var fact in facts)
        {
            var stream = versions[fact.Stream.Value] = versions.GetValueOrDefault(fact.Stream.Value) + 1;
            var place = new EventOrder(stream, chain.Count + 1);
            var origin = new Origin("Zoë \"\\ \u0001", $"key:{chain.Count}", chain.Count % 2 == 0 ? null : "");
            chain.Add(new NewEvent(fact, Noon, place, origin, previous));
            previous = chain[^1].Hash!;
        }
        await log.Append([.. chain]);

        (await log.Rows(
            """
            SELECT p.version, p.hash = ledger.event_hash(
                coalesce(before.hash, decode(repeat('00', 32), 'hex')), p.portfolio_id, p.version, e)
            FROM ledger.portfolio_event p JOIN events.mt_events e USING (seq_id)
            LEFT JOIN ledger.portfolio_event before
                ON before.portfolio_id = p.portfolio_id AND before.version = p.version - 1
            WHERE p.portfolio_id = 3 ORDER BY 1
            """))
            .ShouldBe([.. chain.Select(e => $"({e.Place.PortfolioVersion},t)")]);
    }

    [Fact]
    public async Task what_is_hashed_of_any_json_is_what_the_database_gives_back()
    {
        var names = Gen.Elements("b", "a", "ab", "aa", "symbol", "quantity", "occurredAt", "portfolioId", "x1");
        var leaves = Gen.OneOf(
            ArbMap.Default.GeneratorFor<string>().Where(IsText).Select(text => JsonSerializer.Serialize(text)),
            ArbMap.Default.GeneratorFor<decimal>().Select(number => number.ToString(CultureInfo.InvariantCulture)),
            Gen.Elements("true", "false", "null", "-0", "-0.00", "1.50", "\"\\u007f\\u001f\\/\\ud83d\\ude00\""));
        var written = Gen.Sample(Json(leaves, names, depth: 3), 300).Select(Encoding.UTF8.GetBytes).ToList();

        await using var command = log.Source.CreateCommand(
            "SELECT jsonb::text FROM unnest($1::jsonb[]) WITH ORDINALITY AS u (jsonb, n) ORDER BY n");
        command.Parameters.Add(new NpgsqlParameter<byte[][]>
        {
            NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Array | NpgsqlTypes.NpgsqlDbType.Jsonb,
            TypedValue = [.. written],
        });
        await using var reader = await command.ExecuteReaderAsync();
        foreach (var json in written)
        {
            (await reader.ReadAsync()).ShouldBeTrue();
            Encoding.UTF8.GetString(StoredJson.Of(json)).ShouldBe(reader.GetString(0));
        }
    }

    [Fact]
    public void a_number_that_would_be_stored_otherwise_is_refused() =>
        Should.Throw<NotSupportedException>(() => StoredJson.Of("[1e5]"u8));

    // PostgreSQL takes no NUL in a text, and JSON no half of a character.
    private static bool IsText(string? text) =>
        text is not null && !text.Contains('\0', StringComparison.Ordinal) && !text.Any(char.IsSurrogate);

    private static Gen<string> Json(Gen<string> leaves, Gen<string> names, int depth)
    {
        if (depth == 0)
            return leaves;
        var inner = Json(leaves, names, depth - 1);
        return Gen.OneOf(
            leaves,
            Gen.ListOf(inner).Select(items => $"[{string.Join(',', items)}]"),
            Gen.ListOf(Gen.Zip(names, inner)).Select(members =>
                $"{{{string.Join(',', members.DistinctBy(m => m.Item1).Select(m => $"\"{m.Item1}\":{m.Item2}"))}}}"));
    }
}

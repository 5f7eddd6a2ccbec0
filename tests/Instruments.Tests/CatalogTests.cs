using Bifrost.Domain.Instruments;

namespace Bifrost.Instruments.Tests;

public sealed class CatalogTests(InstrumentDatabase database) : IClassFixture<InstrumentDatabase>
{
    private static readonly DateTimeOffset Now = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task what_is_said_of_an_instrument_is_read_back_and_the_rest_is_assumed()
    {
        await database.Add("OPT", new InstrumentDescription
        {
            Type = InstrumentType.OPTION, Currency = "USD", Multiplier = 100, QuantityDecimals = 0, PriceDecimals = 2,
            Exchange = "NYSE", ListedOn = new DateOnly(2024, 1, 2), Name = "An option",
        });

        var catalog = await database.Read();

        catalog.Of("OPT").ShouldBe(new Instrument
        {
            Symbol = "OPT", Type = InstrumentType.OPTION, Currency = "USD", Multiplier = 100, QuantityDecimals = 0,
            PriceDecimals = 2,
        });
        var described = catalog.Find("OPT")!;
        (described.Exchange, described.ListedOn, described.Name, described.Status)
            .ShouldBe(("NYSE", new DateOnly(2024, 1, 2), "An option", "ACTIVE"));
        catalog.Of("NOBODY").ShouldBe(Instrument.Undescribed("NOBODY"));
        catalog.Find("NOBODY").ShouldBeNull();
    }

    [Fact]
    public async Task what_is_left_out_of_a_change_stays_and_an_empty_text_takes_away()
    {
        var added = await database.Add("CHG", new InstrumentDescription { Currency = "EUR", Exchange = "XETRA" });

        var changed = (await database.Store.Describe(
            added.Id, new InstrumentDescription { Multiplier = 5 })).Instrument!;
        var cleared = (await database.Store.Describe(
            added.Id, new InstrumentDescription { Currency = "", Exchange = "" })).Instrument!;

        (changed.Instrument.Currency, changed.Exchange, changed.Instrument.Multiplier).ShouldBe(("EUR", "XETRA", 5));
        (cleared.Instrument.Currency, cleared.Exchange, cleared.Instrument.Multiplier).ShouldBe((null, null, 5));
    }

    [Fact]
    public async Task an_instrument_is_described_once_and_what_is_not_there_is_not_changed()
    {
        await database.Add("ONCE");

        (await database.Store.Add("ONCE", new InstrumentDescription())).Refusal!.Fault.ShouldBe(InstrumentFault.Exists);
        (await database.Store.Describe(987_654, new InstrumentDescription())).Refusal!
            .ShouldBe(new InstrumentRefusal(InstrumentFault.NotFound, "There is no instrument 987654."));
    }

    [Fact]
    public async Task a_name_leads_to_its_instrument_for_its_source_and_in_its_time()
    {
        var meta = await database.Add("META");
        var other = await database.Add("FBX");
        (await database.Alias(meta.Id, "FB", to: "2022-06-09")).ShouldBeNull();
        (await database.Alias(other.Id, "FB", from: "2025-01-01")).ShouldBeNull();
        (await database.Alias(other.Id, "FB", "ibkr")).ShouldBeNull();

        var catalog = await database.Read();

        catalog.Resolve("fb", null, new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero)).ShouldBe("META");
        catalog.Resolve("FB", null, new DateTimeOffset(2022, 6, 8, 23, 59, 0, TimeSpan.Zero)).ShouldBe("META");
        catalog.Resolve("FB", null, new DateTimeOffset(2022, 6, 9, 0, 0, 0, TimeSpan.Zero)).ShouldBeNull();
        catalog.Resolve("FB", null, Now).ShouldBe("FBX");
        catalog.Resolve("FB", "IBKR", new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero)).ShouldBe("FBX");
        catalog.Resolve("FB", "another", Now).ShouldBe("FBX");
        catalog.Resolve(" meta ", null, Now).ShouldBe("META");
        catalog.Resolve("no symbol!", null, Now).ShouldBeNull();
    }

    [Fact]
    public async Task a_name_that_is_taken_at_the_time_is_refused_with_what_and_where()
    {
        var (one, two) = (await database.Add("ONE"), await database.Add("TWO"));
        await database.Alias(one.Id, "UNO", "ibkr", "2020-01-01", "2021-01-01");

        (await database.Alias(two.Id, "UNO", "ibkr", "2020-06-01")).ShouldBe(
            "UNO leads to ONE for ibkr from 2020-01-01T00:00:00Z until 2021-01-01T00:00:00Z already: end that alias "
            + "first, or give times that do not overlap.");
        (await database.Alias(two.Id, "UNO", "ibkr", "2021-01-01")).ShouldBeNull();
        (await database.Alias(two.Id, "UNO", "schwab", "2020-06-01")).ShouldBeNull();
        (await database.Alias(two.Id, "ONE")).ShouldBe(
            $"ONE is the primary name of instrument {one.Id}, so it leads to that one and to no other.");
        (await database.Alias(two.Id, "TWO")).ShouldBe(
            $"TWO is what instrument {two.Id} is called itself: an alias leads to it from another name.");
        (await database.Store.Add("UNO", new InstrumentDescription())).Refusal!.Detail.ShouldStartWith(
            "UNO is an alias of ONE for ibkr");
    }

    [Fact]
    public async Task a_name_that_something_is_stored_under_is_no_alias_of_something_else()
    {
        var one = await database.Add("STORED");
        await database.Run(
            """
            INSERT INTO market_last_price (symbol, price, volume, time, bar_interval, version)
            VALUES ('TRADED', 1, 1, now(), 'day', 1)
            """);

        (await database.Alias(one.Id, "TRADED")).ShouldBe(
            "There are bars of TRADED itself, which nobody would find under that name any more: it cannot be an alias "
            + "of STORED.");
    }

    [Fact]
    public async Task a_name_given_again_has_its_new_time_and_one_taken_away_leads_nowhere()
    {
        var one = await database.Add("AGAIN");
        await database.Alias(one.Id, "BIS", from: "2020-01-01");
        await database.Alias(one.Id, "BIS", from: "2021-01-01");

        (await database.Read()).Find("AGAIN")!.Aliases
            .ShouldBe([new InstrumentAlias("*", "BIS", InstrumentDatabase.Day("2021-01-01"))]);
        (await database.Store.RemoveAlias(one.Id, "*", "BIS")).Instrument!.Aliases.ShouldBeEmpty();
        (await database.Store.RemoveAlias(one.Id, "*", "BIS")).Refusal.ShouldBe(
            new InstrumentRefusal(InstrumentFault.AliasNotFound, "AGAIN is not called BIS for every source."));
        (await database.Read()).Resolve("BIS", null, Now).ShouldBeNull();
    }

    [Fact]
    public async Task of_many_who_give_one_name_at_once_one_does()
    {
        var ids = new List<int>();
        for (var i = 0; i < 8; i++)
            ids.Add((await database.Add($"RACE{i}")).Id);

        var refusals = await Task.WhenAll(ids.Select(id => database.Alias(id, "RACED")));

        refusals.Count(refusal => refusal is null).ShouldBe(1);
        refusals.Count(refusal => refusal?.StartsWith("RACED leads to RACE", StringComparison.Ordinal) == true)
            .ShouldBe(7);
    }

    [Fact]
    public async Task a_change_made_elsewhere_wakes_who_waits_for_one()
    {
        var catalog = await database.Read();
        var waiting = catalog.WaitForChange(TimeSpan.FromMinutes(4));

        var added = await database.Add("AWAKE");
        await waiting;
        await catalog.Refresh();
        catalog.Find("AWAKE").ShouldNotBeNull();

        // What was changed before anybody waited wakes as well.
        await database.Store.Describe(added.Id, new InstrumentDescription { Name = "Awake" });
        await catalog.WaitForChange(TimeSpan.FromMinutes(4));
        await catalog.Refresh();
        catalog.Find("AWAKE")!.Name.ShouldBe("Awake");
    }

    [Fact]
    public async Task programs_that_know_symbols_only_are_told_and_what_they_were_told_before_stays()
    {
        await database.Run(
            """
            INSERT INTO market_symbol (symbol, name, market, asset_type, status)
            VALUES ('LEGACY', 'Legacy Inc.', 'UNKNOWN', 'Stock', 'UNKNOWN')
            """);

        await database.Add("LEGACY", new InstrumentDescription { Name = "Other", Exchange = "NYSE" });

        (await database.Database.Query<string>(
            "SELECT concat_ws('|', name, market, asset_type, status) FROM market_symbol WHERE symbol = 'LEGACY'"))
            .ShouldBe("Legacy Inc.|NYSE|Stock|ACTIVE");
    }
}

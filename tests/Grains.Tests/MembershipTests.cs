using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans;
using Orleans.Runtime;
using static Bifrost.Grains.Tests.Membership;

namespace Bifrost.Grains.Tests;

/// <summary>What Orleans' provider asks of sql/ledger/0012_cluster_membership.sql, by way of the provider.</summary>
public sealed class MembershipTests(Membership membership) : IClassFixture<Membership>
{
    [Fact]
    public async Task a_table_that_is_initialized_again_keeps_what_is_in_it()
    {
        var table = await membership.Table();
        (await table.InsertRowAsync(Entry(1), await Next(table))).ShouldBeTrue();

        await table.InitializeMembershipTableAsync(tryInitTableVersion: true);

        (await Shown(table)).ShouldBe((1, "1 Active"));
    }

    [Fact]
    public async Task of_silos_that_initialize_a_table_at_once_none_fails()
    {
        for (var round = 0; round < 10; round++)
        {
            var cluster = $"{Guid.NewGuid()}";

            var tables = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => membership.Table(cluster)));

            foreach (var table in tables)
                (await Shown(table)).ShouldBe((0, ""));
        }
    }

    [Fact]
    public async Task a_silo_that_joins_is_read_as_it_was_written()
    {
        var table = await membership.Table();
        var entry = Entry(1, SiloStatus.Joining);
        (entry.StartTime, entry.IAmAliveTime) = (Noon.AddTicks(10), Noon.AddSeconds(1));

        (await table.InsertRowAsync(entry, await Next(table))).ShouldBeTrue();

        foreach (var read in new[] { await table.ReadAllAsync(), await table.ReadRowAsync(entry.SiloAddress) })
        {
            read.Version.ShouldBe(new TableVersion(1, "1"));
            Fields(read.Members.ShouldHaveSingleItem().Item1).ShouldBe(Fields(entry));
        }
    }

    [Fact]
    public async Task a_silo_that_is_not_in_the_table_is_read_as_none_at_the_tables_version()
    {
        var table = await membership.Table();
        (await table.InsertRowAsync(Entry(1), await Next(table))).ShouldBeTrue();

        var read = await table.ReadRowAsync(Entry(2).SiloAddress);

        (read.Members.Count, read.Version.Version).ShouldBe((0, 1));
    }

    [Fact]
    public async Task a_silo_joins_once()
    {
        var table = await membership.Table();
        (await table.InsertRowAsync(Entry(1), await Next(table))).ShouldBeTrue();

        var again = await table.InsertRowAsync(Entry(1, SiloStatus.Dead), await Next(table));

        again.ShouldBeFalse();
        (await Shown(table)).ShouldBe((1, "1 Active"));
    }

    [Fact]
    public async Task a_silo_does_not_join_at_a_version_that_is_old_or_has_not_been()
    {
        var table = await membership.Table();
        var old = await Next(table);
        (await table.InsertRowAsync(Entry(1), old)).ShouldBeTrue();

        (await table.InsertRowAsync(Entry(2), old)).ShouldBeFalse();
        (await table.InsertRowAsync(Entry(2), new TableVersion(3, "2"))).ShouldBeFalse();
        (await Shown(table)).ShouldBe((1, "1 Active"));
    }

    [Fact]
    public async Task a_silo_is_changed_at_the_version_that_was_read_and_not_at_an_older_one()
    {
        var table = await membership.Table();
        (await table.InsertRowAsync(Entry(1, SiloStatus.Joining), await Next(table))).ShouldBeTrue();
        var read = await Next(table);

        (await Update(table, Entry(1, SiloStatus.Active), read)).ShouldBeTrue();
        (await Update(table, Entry(1, SiloStatus.Dead), read)).ShouldBeFalse();

        (await Shown(table)).ShouldBe((2, "1 Active"));
    }

    [Fact]
    public async Task a_change_of_a_silo_that_is_not_in_the_table_changes_nothing()
    {
        var table = await membership.Table();
        (await table.InsertRowAsync(Entry(1), await Next(table))).ShouldBeTrue();

        (await Update(table, Entry(2, SiloStatus.Dead), await Next(table))).ShouldBeFalse();

        (await Shown(table)).ShouldBe((1, "1 Active"));
    }

    [Fact]
    public async Task a_sign_of_life_changes_its_time_alone_and_makes_no_change_lose()
    {
        var table = await membership.Table();
        (await table.InsertRowAsync(Entry(1), await Next(table))).ShouldBeTrue();
        var read = await Next(table);
        var entry = Entry(1, SiloStatus.Dead);
        entry.IAmAliveTime = Noon.AddMinutes(5);

        await table.UpdateIAmAliveAsync(entry);

        var after = await table.ReadAllAsync();
        after.Version.Version.ShouldBe(1);
        var alive = Entry(1);
        alive.IAmAliveTime = Noon.AddMinutes(5);
        Fields(after.Members.ShouldHaveSingleItem().Item1).ShouldBe(Fields(alive));
        (await Update(table, Entry(1, SiloStatus.ShuttingDown), read)).ShouldBeTrue();
    }

    [Fact]
    public async Task votes_against_a_silo_are_read_as_they_were_written_and_taken_back()
    {
        var table = await membership.Table();
        (await table.InsertRowAsync(Entry(1), await Next(table))).ShouldBeTrue();
        var suspected = Entry(1);
        suspected.AddSuspector(Entry(2).SiloAddress, Noon.AddMilliseconds(1));
        suspected.AddSuspector(SiloAddress.FromParsableString("::1:3@4"), Noon.AddDays(1));

        (await Update(table, suspected, await Next(table))).ShouldBeTrue();
        var voted = (await table.ReadAllAsync()).Members.ShouldHaveSingleItem().Item1;
        (await Update(table, Entry(1), await Next(table))).ShouldBeTrue();
        var forgiven = (await table.ReadAllAsync()).Members.ShouldHaveSingleItem().Item1;

        voted.SuspectTimes.ShouldBe(suspected.SuspectTimes);
        forgiven.SuspectTimes.ShouldBeNull();
    }

    [Fact]
    public async Task the_entries_of_a_cluster_are_deleted_and_those_of_others_stay()
    {
        var mine = $"{Guid.NewGuid()}";
        var (table, other) = (await membership.Table(mine), await membership.Table());
        (await table.InsertRowAsync(Entry(1), await Next(table))).ShouldBeTrue();
        (await other.InsertRowAsync(Entry(1), await Next(other))).ShouldBeTrue();

        await table.DeleteMembershipTableEntriesAsync(mine);

        await table.InitializeMembershipTableAsync(tryInitTableVersion: true);
        (await Shown(table)).ShouldBe((0, ""));
        (await Shown(other)).ShouldBe((1, "1 Active"));
    }

    [Fact]
    public async Task gateways_are_those_of_active_silos_of_the_cluster_that_have_one()
    {
        var cluster = $"{Guid.NewGuid()}";
        var (table, other) = (await membership.Table(cluster), await membership.Table());
        var closed = Entry(30);
        closed.ProxyPort = 0;
        foreach (var entry in new[] { Entry(10), Entry(20, SiloStatus.Joining), closed, Entry(40) })
            (await table.InsertRowAsync(entry, await Next(table))).ShouldBeTrue();
        (await other.InsertRowAsync(Entry(50), await Next(other))).ShouldBeTrue();

        var gateways = await (await membership.Gateways(cluster)).GetGateways();

        gateways.Select(gateway => gateway.Port).Order().ShouldBe([11, 41]);
    }

    [Fact]
    public async Task servers_find_each_other_and_leave()
    {
        var cluster = $"{Guid.NewGuid()}";
        var (one, other) = (membership.Silo(cluster), membership.Silo(cluster));
        await one.StartAsync();
        await other.StartAsync();

        var hosts = await one.Services.GetRequiredService<IGrainFactory>().GetGrain<IManagementGrain>(0).GetHosts();
        await other.StopAsync();
        await one.StopAsync();

        hosts.Values.ShouldBe([SiloStatus.Active, SiloStatus.Active]);
        var left = await (await membership.Table(cluster)).ReadAllAsync();
        left.Members.Select(member => member.Item1.Status).ShouldBe([SiloStatus.Dead, SiloStatus.Dead]);
    }

    private static object Fields(MembershipEntry entry) => (entry.SiloAddress, entry.SiloName, entry.HostName,
        entry.Status, entry.ProxyPort, entry.StartTime, entry.IAmAliveTime, entry.SuspectTimes);
}

using Orleans;
using Orleans.Runtime;
using static Bifrost.Grains.Tests.Membership;

namespace Bifrost.Grains.Tests;

/// <summary>
/// Which silos sql/ledger/0012_cluster_membership.sql forgets: by the query that the provider prefers, and by the one
/// that it uses where that is missing.
/// </summary>
public sealed class MembershipCleanupTests(Membership membership) : IClassFixture<Membership>
{
    private static readonly DateTime Cutoff = Noon.AddHours(1);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task dead_silos_of_before_are_forgotten_and_all_others_stay(bool oneByOne)
    {
        var (table, other) = (await Table(oneByOne), await Table(oneByOne));
        await Insert(table, Entry(1, SiloStatus.Dead), Entry(2), Entry(3, SiloStatus.Joining), Entry(4));
        await Insert(other, Entry(1, SiloStatus.Dead));
        await Kill(table, Entry(4), voteAt: Cutoff.AddMilliseconds(-1));

        await table.CleanupDefunctSiloEntriesAsync(Cutoff);

        // Who reads the same version again has to see them gone; none of them can come back.
        (await Shown(table)).ShouldBe((5, "2 Active, 3 Joining"));
        (await Shown(other)).ShouldBe((1, "1 Dead"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task a_silo_is_kept_for_as_long_as_its_start_its_last_sign_or_a_vote_is_recent(bool oneByOne)
    {
        var table = await Table(oneByOne);
        var (started, alive) = (Entry(1, SiloStatus.Dead), Entry(2, SiloStatus.Dead));
        (started.StartTime, alive.IAmAliveTime) = (Cutoff, Cutoff);
        await Insert(table, started, alive, Entry(3));
        await Kill(table, Entry(3), voteAt: Cutoff);

        await table.CleanupDefunctSiloEntriesAsync(Cutoff);
        (await Shown(table)).Silos.ShouldBe("1 Dead, 2 Dead, 3 Dead");

        await table.CleanupDefunctSiloEntriesAsync(Cutoff.AddMilliseconds(1));
        (await Shown(table)).Silos.ShouldBe("");
    }

    [Fact]
    public async Task a_silo_that_is_older_by_less_than_a_microsecond_is_forgotten()
    {
        var table = await Table(oneByOne: true);
        await Insert(table, Entry(1, SiloStatus.Dead));

        // To keep no more than so many, Orleans asks for all up to a tick after the last of the rest.
        await table.CleanupDefunctSiloEntriesAsync(Noon.AddTicks(1));

        (await Shown(table)).Silos.ShouldBe("");
    }

    private async Task<IMembershipTable> Table(bool oneByOne)
    {
        if (oneByOne)
            return await membership.Table();
        // The provider reads the queries when it initializes; without the one it takes the other.
        await Rename("CleanupDefunctSiloEntryKey", "hidden");
        try
        {
            return await membership.Table();
        }
        finally
        {
            await Rename("hidden", "CleanupDefunctSiloEntryKey");
        }
    }

    private Task<string> Rename(string key, string to) => membership.Database.Query<string>(
        $"UPDATE cluster.OrleansQuery SET QueryKey = '{to}' WHERE QueryKey = '{key}' RETURNING QueryKey");

    private static async Task Insert(IMembershipTable table, params MembershipEntry[] entries)
    {
        foreach (var entry in entries)
            (await table.InsertRowAsync(entry, await Next(table))).ShouldBeTrue();
    }

    private static async Task Kill(IMembershipTable table, MembershipEntry entry, DateTime voteAt)
    {
        entry.Status = SiloStatus.Dead;
        entry.AddSuspector(Entry(9).SiloAddress, voteAt);
        (await Update(table, entry, await Next(table))).ShouldBeTrue();
    }
}

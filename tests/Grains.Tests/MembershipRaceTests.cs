using Orleans;
using Orleans.Runtime;
using static Bifrost.Grains.Tests.Membership;

namespace Bifrost.Grains.Tests;

/// <summary>Silos that change one table at one moment, as sql/ledger/0012_cluster_membership.sql lets them.</summary>
public sealed class MembershipRaceTests(Membership membership) : IClassFixture<Membership>
{
    private const int Rounds = 50;

    [Fact]
    public async Task of_two_silos_that_join_at_one_version_one_does()
    {
        var cluster = $"{Guid.NewGuid()}";
        var (one, other) = (await membership.Table(cluster), await membership.Table(cluster));
        for (var round = 0; round < Rounds; round++)
        {
            var next = await Next(one);

            var won = await Task.WhenAll(
                one.InsertRowAsync(Entry(2 * round), next), other.InsertRowAsync(Entry((2 * round) + 1), next));

            won.Count(did => did).ShouldBe(1);
            var read = await other.ReadAllAsync();
            (read.Version.Version, read.Members.Count).ShouldBe((round + 1, round + 1));
        }
    }

    [Fact]
    public async Task of_changes_joins_and_signs_of_life_at_one_version_one_change_happens()
    {
        var cluster = $"{Guid.NewGuid()}";
        var tables = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => membership.Table(cluster)));
        (await tables[0].InsertRowAsync(Entry(1), await Next(tables[0]))).ShouldBeTrue();
        for (var round = 0; round < Rounds; round++)
        {
            var next = await Next(tables[0]);
            var suspected = Entry(1);
            suspected.AddSuspector(Entry(2).SiloAddress, Noon.AddSeconds(round));

            var signs = Enumerable.Range(0, 4).Select(_ => tables[3].UpdateIAmAliveAsync(Entry(1)));
            var won = await Task.WhenAll(
                Update(tables[0], suspected, next),
                Update(tables[1], Entry(1, SiloStatus.Dead), next),
                tables[2].InsertRowAsync(Entry(100 + round), next));
            await Task.WhenAll(signs);

            won.Count(did => did).ShouldBe(1);
            (await Next(tables[0])).Version.ShouldBe(next.Version + 1);
        }
    }

    [Fact]
    public async Task a_change_of_a_silo_that_is_cleaned_up_is_either_whole_or_not_at_all()
    {
        var cluster = $"{Guid.NewGuid()}";
        var (one, other) = (await membership.Table(cluster), await membership.Table(cluster));
        for (var round = 0; round < Rounds; round++)
        {
            (await one.InsertRowAsync(Entry(1, SiloStatus.Dead), await Next(one))).ShouldBeTrue();
            var next = await Next(one);

            var cleaned = other.CleanupDefunctSiloEntriesAsync(Noon.AddDays(1));
            var changed = await Update(one, Entry(1, SiloStatus.Active), next);
            await cleaned;

            (await Shown(one)).ShouldBe(changed ? (next.Version, "1 Active") : (next.Version - 1, ""));
            if (changed)
                (await Update(one, Entry(1, SiloStatus.Dead), await Next(one))).ShouldBeTrue();
            await one.CleanupDefunctSiloEntriesAsync(Noon.AddDays(1));
        }
    }

    [Fact]
    public async Task a_table_that_is_deleted_while_it_changes_is_empty_afterwards()
    {
        var cluster = $"{Guid.NewGuid()}";
        var (one, other) = (await membership.Table(cluster), await membership.Table(cluster));
        for (var round = 0; round < Rounds; round++)
        {
            (await one.InsertRowAsync(Entry(1), await Next(one))).ShouldBeTrue();
            var next = await Next(one);

            await Task.WhenAll(
                other.DeleteMembershipTableEntriesAsync(cluster),
                Update(one, Entry(1, SiloStatus.Dead), next),
                one.InsertRowAsync(Entry(2), next),
                one.UpdateIAmAliveAsync(Entry(1)));

            await one.InitializeMembershipTableAsync(tryInitTableVersion: true);
            (await Shown(one)).ShouldBe((0, ""));
        }
    }
}

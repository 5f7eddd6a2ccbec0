using System.Collections.Immutable;
using Bifrost.Domain;
using Bifrost.Domain.Funding;
using Bifrost.Domain.Holdings;
using Bifrost.Domain.Orders;
using Bifrost.Domain.Portfolios;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;

namespace Bifrost.Grains.Tests;

/// <summary>What nodes tell each other arrives as it was, to the last digit.</summary>
public sealed class WireTests : IDisposable
{
    private static readonly DateTimeOffset At = new(2026, 3, 2, 14, 30, 0, 123, TimeSpan.FromHours(-5));

    private static readonly Command[] Commands =
    [
        new OpenPortfolio
        {
            PortfolioId = 1, UserId = 2, Name = "Größe", Currency = Currency.Of("JPY"), LotMethod = LotMethod.HIFO,
            AllowShort = true,
        },
        new ChangePortfolio { Name = "x", LotMethod = LotMethod.AVERAGE, AllowOverdraft = false },
        new ClosePortfolio(),
        new MoveCash { Type = FundingType.FEE, Amount = 0.1m, Symbol = "ORCL", OccurredAt = At },
        new PlaceOrder
        {
            Symbol = "BRK.B", Side = OrderSide.SELL, Type = OrderType.STOP_LIMIT, Quantity = 0.00000001m,
            LimitPrice = 999_999_999_999.12345678m, StopPrice = 1.10m, TimeInForce = TimeInForce.DAY,
            Lots = [new LotPick(7, 1.50m), new LotPick(8, 2m)], ClientOrderId = "c-1",
        },
        new ReplaceOrder { OrderId = 3, Quantity = 2.500m },
        new CancelOrder { OrderId = 3 },
        new ExpireOrder { OrderId = 3, OccurredAt = At },
        new ExecuteOrder { OrderId = 3, ExecutionId = "e", Quantity = 1m, Price = 2m, Commission = 0.35m },
        new RecordExecution { ExecutionId = "r", Symbol = "KO", Side = OrderSide.BUY, Quantity = 1m, Price = 2m },
        new CorrectExecution { OrderId = 3, ExecutionId = "e", Price = 2.10m },
        new BustExecution { OrderId = 3, ExecutionId = "e" },
        new CorrectRecorded
        {
            ExecutionId = "r", Symbol = "KO", CorrectionId = "r2", OccurredAt = At,
            Changes = new FillChanges { Price = 2.10m, Amount = -0.25m },
        },
        new BustRecorded { ExecutionId = "r2", Symbol = "KO" },
        new CorrectFunding { FundingId = 4, Type = FundingType.REBATE, Amount = 1.50m, CorrectionId = "f2" },
        new ReverseFunding { FundingId = 4, OccurredAt = At },
        new SplitShares { Symbol = "KO", Numerator = 10, Denominator = 1, OccurredAt = At },
    ];

    private readonly ServiceProvider services;

    public WireTests()
    {
        var collection = new ServiceCollection();
        LedgerSilo.AddSerialization(collection);
        services = collection.BuildServiceProvider();
    }

    public static TheoryData<string> Kinds() => [.. Commands.Select(command => command.GetType().Name)];

    [Fact]
    public void there_is_a_sample_of_every_command() =>
        typeof(Command).Assembly.GetTypes().Where(t => t.IsSubclassOf(typeof(Command)) && !t.IsAbstract)
            .Except(Commands.Select(command => command.GetType())).ShouldBeEmpty();

    [Theory]
    [MemberData(nameof(Kinds))]
    public void a_command_arrives_as_it_was(string kind)
    {
        var command = Commands.Single(c => c.GetType().Name == kind);
        var key = new CommandKey("key:k", RejectionCode.IdempotencyKeyReused);
        var identity = new CommandIdentity("ann", [key], [1, 2, 3], "trace");
        var request = new CommandRequest(9, command, identity, ExpectedVersion: 4) { MayBeRepeat = true };

        var arrived = Sent(request);

        arrived.Command.ShouldBeOfType(command.GetType());
        Told(arrived.Command).ShouldBe(Told(command));
        (arrived.PortfolioId, arrived.ExpectedVersion, arrived.MayBeRepeat).ShouldBe((9, 4, true));
        (arrived.Identity.Actor, arrived.Identity.CorrelationId).ShouldBe(("ann", "trace"));
        arrived.Identity.Keys.ShouldBe([key]);
        arrived.Identity.Fingerprint.ShouldBe([1, 2, 3]);
    }

    [Fact]
    public void an_answer_arrives_as_it_was()
    {
        var effect = new Effect { OrderId = 3, Status = "FILLED", Overdrawn = true };
        var accepted = new Answer(9, 4, 70, effect, null);
        var refused = new Answer(9, 4, 70, Effect.None, new Rejection(RejectionCode.InsufficientCash, "No."), true);

        Sent(accepted).ShouldBe(accepted);
        Sent(refused).ShouldBe(refused);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void an_outage_arrives_with_what_is_known_of_the_outcome(bool unknown)
    {
        var arrived = (LedgerUnavailableException)Sent<Exception>(new LedgerUnavailableException(unknown));

        (arrived.OutcomeUnknown, arrived.Message)
            .ShouldBe((unknown, new LedgerUnavailableException(unknown).Message));
    }

    [Fact]
    public void a_stopped_portfolio_arrives_with_its_reason() =>
        Sent<Exception>(new PortfolioStoppedException(7, new NotSupportedException("It cannot follow.")))
            .ShouldBeOfType<PortfolioStoppedException>().Message.ShouldBe("Portfolio 7 has stopped: It cannot follow.");

    public void Dispose() => services.Dispose();

    private T Sent<T>(T value)
    {
        var serializer = services.GetRequiredService<Serializer>();
        return serializer.Deserialize<T>(serializer.SerializeToArray(value))!;
    }

    // A record's own text shows every member with its digits; a list in it shows nothing but its type.
    private static string Told(Command command) =>
        $"{command} {string.Join(' ', (command as PlaceOrder)?.Lots ?? ImmutableArray<LotPick>.Empty)}";
}

namespace Bifrost.Domain.Tests;

/// <summary>Executions are named by their own ids or by those of their amendments, with an order or without.</summary>
public sealed class ExternalIdTests
{
    [Fact]
    public void a_fill_without_an_order_is_corrected_and_busted()
    {
        var ledger = Funded().And(Record("F", 10, 10));
        ledger.And(Do.CorrectRecorded("F", new FillChanges { Price = 9, Commission = 1 }));
        (ledger.State.Cash, ledger.Holding().CostBasis, ledger.Effect.TransactionId).ShouldBe((909, 91, 1));
        ledger.And(Do.BustRecorded("F"));
        (ledger.State.Cash, ledger.Holding().Quantity, ledger.Effect.TransactionId).ShouldBe((1_000, 0, 1));
    }

    [Fact]
    public void a_second_bust_of_a_fill_without_an_order_changes_nothing() =>
        Funded().And(Record("F", 10, 10), Do.BustRecorded("F")).When(Do.BustRecorded("F")).ThenNothing()
            .Effect.TransactionId.ShouldBe(1);

    [Fact]
    public void corrections_have_ids_of_their_own_in_chains_of_any_length()
    {
        var ledger = Funded().And(Record("E.01", 10, 10));
        for (var i = 2; i <= 9; i++)
        {
            var (id, correction) = ($"E.0{i - 1}", $"E.0{i}");
            ledger.And(Do.CorrectRecorded(id, new FillChanges { Price = i }) with { CorrectionId = correction });
            ledger.Holding().CostBasis.ShouldBe(10 * i);
        }
        ledger.And(Do.BustRecorded("E.05"));
        ledger.State.Cash.ShouldBe(1_000);
        ledger.When(Do.CorrectRecorded("E.09", new FillChanges { Price = 1 }))
            .ThenRejected(RejectionCode.ExecutionAlreadyBusted);
    }

    [Fact]
    public void a_correction_of_an_order_s_fill_has_an_id_by_which_it_is_busted()
    {
        var ledger = Funded().And(Do.Limit(OrderSide.BUY, 10, 10), Do.Execute("E.01", 10, 10));
        ledger.And(
            Do.Correct("E.01", price: 9) with { CorrectionId = "E.02" },
            Do.Correct("E.02", price: 8) with { CorrectionId = "E.03" });
        (ledger.Holding().CostBasis, ledger.Order().FilledAmount).ShouldBe((80, 80));
        ledger.And(Do.Bust("E.02"));
        (ledger.State.Cash, ledger.Order().FilledQuantity).ShouldBe((1_000, 0));
        ledger.When(Do.Bust("E.03")).ThenNothing();
    }

    [Fact]
    public void a_fill_of_an_order_is_not_one_without() =>
        Funded().And(
                Do.Limit(OrderSide.BUY, 10, 10), Do.Execute("A", 10, 10),
                Do.Correct("A", price: 9) with { CorrectionId = "B" })
            .When(Do.BustRecorded("B")).ThenRejected(RejectionCode.ExecutionNotFound);

    [Fact]
    public void a_correction_keeps_the_amount_that_was_stated_and_asks_for_another_where_it_contradicts()
    {
        var ledger = Funded().And(Record("F", 11.2663m, 8.88m) with { Amount = 100 });
        ledger.And(Do.CorrectRecorded("F", new FillChanges { Commission = 0.5m }));
        (ledger.State.Cash, ledger.Holding().CostBasis).ShouldBe((900, 100));
        ledger.When(Do.CorrectRecorded("F", new FillChanges { Price = 9.5m }))
            .ThenRejected(RejectionCode.AmountContradicts);
        ledger.And(Do.CorrectRecorded("F", new FillChanges { Price = 9.5m, Amount = 107.5m }));
        ledger.State.Cash.ShouldBe(892.5m);
    }

    [Fact]
    public void a_correction_keeps_the_fee_that_was_taken_in_shares()
    {
        var ledger = Funded().And(Record("F", 10, 10) with { FeeQuantity = 0.1m });
        ledger.And(Do.CorrectRecorded("F", new FillChanges { Price = 20 }));
        (ledger.Holding().Quantity, ledger.Holding().CostBasis).ShouldBe((9.9m, 200));
    }

    private static RecordExecution Record(string id, decimal quantity, decimal price) =>
        Do.Buy(quantity, price) with { ExecutionId = id };

    private static Ledger Funded() => Given.Portfolio(cash: 1_000);
}

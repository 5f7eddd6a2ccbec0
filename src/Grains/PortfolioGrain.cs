using Orleans.Placement;

namespace Bifrost.Grains;

/// <inheritdoc cref="IPortfolioGrain"/>
/// <remarks>
/// It is what Orleans places, finds and retires; commands are the writer's. Those of this node's own callers go to the
/// writer straight away (<see cref="Ledger"/>), those of other nodes' come through here.
/// </remarks>
[HashBasedPlacement]
internal sealed class PortfolioGrain : Grain, IPortfolioGrain
{
    private readonly GrainContext context;
    private readonly int portfolioId;
    private readonly PortfolioWriter writer;

    public PortfolioGrain(GrainContext context)
    {
        this.context = context;
        portfolioId = checked((int)this.GetPrimaryKeyLong());
        writer = new PortfolioWriter(context, portfolioId);
    }

    public ValueTask<Answer> Execute(CommandRequest request)
    {
        context.Called(portfolioId);
        // Orleans calls no grain that it has begun to retire.
        return new(writer.TryExecute(request) ?? throw new InvalidOperationException("The grain is retired."));
    }

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        context.Activated(portfolioId, writer);
        return Task.CompletedTask;
    }

    /// <summary>Whoever waits is answered first: a node that is stopped loses no command that it took.</summary>
    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        await writer.Close();
        context.Retired(portfolioId);
    }
}

using System.Threading.Channels;

namespace Bifrost.Api.Events;

/// <summary>Wakes one loop; set any number of times before the loop looks, it wakes it once.</summary>
internal sealed class Alarm
{
    private readonly Channel<bool> set =
        Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public void Set() => set.Writer.TryWrite(true);

    public async ValueTask Wait(CancellationToken cancel) => await set.Reader.ReadAsync(cancel);
}

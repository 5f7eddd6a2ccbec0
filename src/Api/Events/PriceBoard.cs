using System.Buffers;
using System.Text.Json;
using Bifrost.MarketData.Prices;
using Bifrost.Workers;

namespace Bifrost.Api.Events;

/// <summary>
/// The newest price of each symbol for all streams, in rounds of a quarter of a second: however often prices change,
/// a stream is told of each symbol four times a second at the most. A stream that misses rounds finds in the next one
/// what it needs, so nothing has to be kept for it.
/// </summary>
internal sealed class PriceBoard(PriceFeed feed, Bell bell) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    private readonly Lock gate = new();
    private readonly Wakeup wakeup = new();

    // With the round that the price is told in; the one that is to come, where it has not been told.
    private readonly Dictionary<string, (LastPrice Price, long Round)> newest = [];
    private long round;
    private byte[]? ofThisRound;
    private IDisposable? subscription;

    /// <summary>The last round that was told.</summary>
    public long Round => Volatile.Read(ref round);

    /// <summary>What was told after a round, as a message.</summary>
    /// <param name="symbols">Null for all.</param>
    /// <returns>The message, empty where there was nothing, and the round that it goes up to.</returns>
    public (byte[] Message, long Round) After(long seen, IReadOnlyCollection<string>? symbols)
    {
        lock (gate)
        {
            if (seen == round)
                return ([], round);
            if (symbols is null && seen == round - 1)
                return (ofThisRound ??= Message(newest.Values, seen), round);
            var asked = symbols is null
                ? newest.Values
                : symbols.Where(newest.ContainsKey).Select(symbol => newest[symbol]);
            return (Message(asked, seen), round);
        }
    }

    /// <summary>Listens from now on, which is before the server takes requests.</summary>
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        subscription = feed.Subscribe(Note);
        return base.StartAsync(cancellationToken);
    }

    public override void Dispose()
    {
        subscription?.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                await wakeup.Wait(stoppingToken);
                TellNext();
                await Task.Delay(Pause, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // That is how it ends.
        }
    }

    private void TellNext()
    {
        lock (gate)
        {
            ofThisRound = null;
            Volatile.Write(ref round, round + 1);
        }
        bell.Ring();
    }

    private void Note(IReadOnlyList<LastPrice> prices)
    {
        var isNews = false;
        lock (gate)
        {
            foreach (var price in prices)
            {
                // Several processes may tell of the same bar, and of older ones late.
                if (newest.TryGetValue(price.Symbol, out var known)
                    && (price == known.Price || !price.Supersedes(known.Price)))
                {
                    continue;
                }
                newest[price.Symbol] = (price, round + 1);
                isNews = true;
            }
        }
        if (isNews)
            wakeup.Signal();
    }

    private byte[] Message(IEnumerable<(LastPrice Price, long Round)> prices, long after)
    {
        var told = prices.Where(entry => entry.Round > after && entry.Round <= round).ToList();
        if (told.Count == 0)
            return [];
        var bytes = new ArrayBufferWriter<byte>(128 * told.Count);
        Sse.BeginMessage(bytes, "price.updated");
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteStartArray("prices");
            foreach (var (price, _) in told)
                PriceJson.Write(json, price);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        Sse.EndMessage(bytes);
        return bytes.WrittenSpan.ToArray();
    }
}

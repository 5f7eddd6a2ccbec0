using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Bifrost.MarketData.Prices;

/// <summary>
/// Tells subscribers in this process of new prices, and those of other processes where they share a Redis server. Who
/// was away misses what was told: the latest prices and the bars have it.
/// </summary>
public sealed class PriceFeed
{
    // Some 50 kB a message: Redis holds a copy for each process that is slow to read.
    private const int Together = 500;

    private readonly ILogger logger;
    private readonly RedisConnection? redis;
    private readonly string channel;
    private readonly string sender = Guid.NewGuid().ToString("N");
    private ImmutableArray<Subscriber> subscribers = [];

    /// <param name="redis">Null keeps prices within this process.</param>
    /// <param name="prefix">What the channel's name begins with; see <see cref="RedisConnection.PrefixOf"/>.</param>
    public PriceFeed(ILogger<PriceFeed> logger, RedisConnection? redis = null, string prefix = "")
    {
        (this.logger, this.redis, channel) = (logger, redis, $"{prefix}price.updated");
        Listening = redis?.Subscribe(channel, Hear) ?? Task.CompletedTask;
    }

    /// <summary>Done when other processes are heard, or will be as soon as Redis is back.</summary>
    public Task Listening { get; }

    /// <param name="hear">Called where the price is published, so it should hand over and return.</param>
    /// <returns>Ends the subscription when it is disposed of.</returns>
    public IDisposable Subscribe(Action<IReadOnlyList<LastPrice>> hear)
    {
        var subscriber = new Subscriber(this, hear);
        ImmutableInterlocked.Update(ref subscribers, all => all.Add(subscriber));
        return subscriber;
    }

    /// <summary>Tells all subscribers; the task ends when Redis has the message too, or is found to be away.</summary>
    public async Task Publish(IReadOnlyList<LastPrice> prices, CancellationToken cancel = default)
    {
        if (prices.Count == 0)
            return;
        Announce(prices);
        if (redis is null)
            return;
        foreach (var chunk in prices.Chunk(Together))
            await redis.Try(server => server.PublishAsync(RedisChannel.Literal(channel), Message(chunk)), 0, cancel);
    }

    private void Announce(IReadOnlyList<LastPrice> prices)
    {
        foreach (var subscriber in subscribers)
        {
            try
            {
                subscriber.Hear(prices);
            }
            // Whatever it is, it is not the publisher's fault, nor that of the next subscriber.
            catch (Exception e)
            {
                logger.LogError(e, "A subscriber to prices failed");
            }
        }
    }

    private byte[] Message(LastPrice[] prices)
    {
        var text = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(text))
        {
            json.WriteStartObject();
            json.WriteString("sender", sender);
            json.WriteStartArray("prices");
            foreach (var price in prices)
                PriceJson.Write(json, price);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return text.WrittenSpan.ToArray();
    }

    private void Hear(byte[] message)
    {
        try
        {
            using var json = JsonDocument.Parse(message);
            // Redis sends our own messages back to us; subscribers here have heard them.
            if (json.RootElement.GetProperty("sender").GetString() != sender)
                Announce([.. json.RootElement.GetProperty("prices").EnumerateArray().Select(PriceJson.Read)]);
        }
        catch (Exception e) when (PriceJson.IsNoPrice(e))
        {
            logger.LogWarning("A message on {Channel} is not one of prices: {Reason}", channel, e.Message);
        }
    }

    private sealed class Subscriber(PriceFeed feed, Action<IReadOnlyList<LastPrice>> hear) : IDisposable
    {
        public Action<IReadOnlyList<LastPrice>> Hear => hear;

        public void Dispose() => ImmutableInterlocked.Update(ref feed.subscribers, all => all.Remove(this));
    }
}

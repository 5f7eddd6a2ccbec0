using System.Collections.Frozen;

namespace Bifrost.Api.Access;

/// <summary>
/// The keys in use, held in memory so that a request costs no round trip. The whole table is read again while keys are
/// shown, at most four times a second: whatever strangers show, it costs neither memory nor the database more.
/// </summary>
internal sealed class KeyRing(ApiKeys keys, TimeProvider clock)
{
    // A key that was revoked opens nothing after this.
    private static readonly TimeSpan Oldest = TimeSpan.FromSeconds(2);

    // From here on the next reading is under way while the last one is still used.
    private static readonly TimeSpan Ageing = TimeSpan.FromSeconds(1);

    // Between readings. Those who show an unknown key wait for the next one, in case the key was made just now.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    private readonly Lock gate = new();
    private volatile Reading? last;
    private Task<Reading>? next;

    /// <summary>Whose key it is; null where nobody's, or nobody's any more.</summary>
    public ValueTask<Caller?> Find(ReadOnlyMemory<char> text)
    {
        if (!ApiKeyText.TrySplit(text.Span, out var id, out var secret))
            return default;
        var asked = clock.GetTimestamp();
        var reading = last;
        if (reading is null || Age(reading) > Oldest || !reading.TryGet(id, out var held))
            return Search(text, asked);
        if (Age(reading) > Ageing)
            _ = After(reading);
        return new(Open(held, secret));
    }

    /// <summary>Whether a caller who was let in would be let in again.</summary>
    public async ValueTask<bool> StillHolds(Caller caller)
    {
        if (caller.Until <= clock.GetUtcNow())
            return false;
        if (caller.KeyId is not { } keyId)
            return true;
        var reading = last;
        if (reading is null || Age(reading) > Oldest)
            reading = await After(reading);
        return reading.TryGet(keyId, out var held) && IsGood(held);
    }

    /// <summary>The keys that are good.</summary>
    public async Task<List<ApiKey>> Valid() =>
        (await keys.ListInUse()).FindAll(key => key.StateAt(clock.GetUtcNow()) == "valid");

    private async ValueTask<Caller?> Search(ReadOnlyMemory<char> text, long asked)
    {
        var reading = last;
        // A reading that began before the key was shown may have missed it.
        while (reading is null || reading.Began < asked)
        {
            reading = await After(reading);
            ApiKeyText.TrySplit(text.Span, out var id, out var secret);
            if (reading.TryGet(id, out var held))
                return Open(held, secret);
        }
        return null;
    }

    private Caller? Open(Held held, ReadOnlySpan<char> secret) =>
        ApiKeyText.Matches(secret, held.SecretHash) && IsGood(held) ? held.Caller : null;

    private bool IsGood(Held held) => held.Caller.Until is not { } until || clock.GetUtcNow() < until;

    private TimeSpan Age(Reading reading) => clock.GetElapsedTime(reading.Began);

    /// <summary>A newer reading; all who want one at the same time share it.</summary>
    private Task<Reading> After(Reading? known)
    {
        lock (gate)
            return last is { } newer && newer != known ? Task.FromResult(newer) : next ??= Read(known);
    }

    private async Task<Reading> Read(Reading? known)
    {
        // So that it is known as the next one before it can end.
        await Task.Yield();
        try
        {
            if (known is not null && Pause - Age(known) is { Ticks: > 0 } early)
                await Task.Delay(early, clock);
            var began = clock.GetTimestamp();
            var held = (await keys.ListInUse()).ToFrozenDictionary(key => key.KeyId, Held.Of, StringComparer.Ordinal);
            return last = new Reading(began, held);
        }
        finally
        {
            lock (gate)
                next = null;
        }
    }

    private sealed record Held(Caller Caller, byte[] SecretHash)
    {
        public static Held Of(ApiKey key) => new(
            new Caller(key.Name, key.Role, key.UserId)
            {
                KeyId = key.KeyId, Until = key.ExpiresAt, Grant = key.Grant,
            },
            key.SecretHash);
    }

    private sealed class Reading(long began, FrozenDictionary<string, Held> held)
    {
        private readonly FrozenDictionary<string, Held>.AlternateLookup<ReadOnlySpan<char>> byText =
            held.GetAlternateLookup<ReadOnlySpan<char>>();

        public long Began => began;

        public bool TryGet(ReadOnlySpan<char> keyId, out Held key) => byText.TryGetValue(keyId, out key!);
    }
}

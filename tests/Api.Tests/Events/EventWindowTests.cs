using System.Buffers;
using System.Text;
using Bifrost.Api.Events;

namespace Bifrost.Api.Tests.Events;

public sealed class EventWindowTests
{
    [Fact]
    public void pages_come_one_after_the_other_from_wherever_a_stream_is()
    {
        var window = new EventWindow(start: 10);
        window.Add(Page(11, 12));
        window.Add(Page(15, 17));

        Read(window, 10).ShouldBe("11 12 15 17 ");
        Read(window, 11).ShouldBe("12 15 17 ");
        Read(window, 13).ShouldBe("15 17 ");
        Read(window, 17).ShouldBe("");
        Read(window, 99).ShouldBe("");
        window.TryNext(9, out _).ShouldBeFalse();
    }

    [Fact]
    public void a_window_that_is_full_drops_its_oldest_pages_and_says_so()
    {
        var window = new EventWindow(start: 0);
        for (var sequence = 1; sequence <= 20_000; sequence++)
            window.Add(Page(sequence));

        window.To.ShouldBe(20_000);
        window.From.ShouldBe(20_000 - 4_096);
        window.TryNext(window.From - 1, out _).ShouldBeFalse();
        Read(window, window.From).ShouldBe(
            string.Concat(Enumerable.Range((int)window.From + 1, 4_096).Select(sequence => $"{sequence} ")));
    }

    [Fact]
    public void a_window_is_bounded_in_bytes_too()
    {
        var window = new EventWindow(start: 0);
        var page = new byte[64 * 1024];
        for (var sequence = 1; sequence <= 1_000; sequence++)
            window.Add(new EventFrames(page, [new(sequence, 1, 0, 1, page.Length)], isFull: true));

        window.From.ShouldBe(1_000 - 16 * 1024 / 64);
    }

    [Fact]
    public void a_page_gives_what_comes_after_a_sequence_and_is_of_a_portfolio()
    {
        var page = new EventFrames(
            Encoding.ASCII.GetBytes("1 2 3 4 5 "),
            [new(1, 7, 0, 1, 2), new(2, 8, 0, 2, 4), new(3, 7, 0, 1, 6), new(4, 7, 0, 1, 8), new(5, 8, 0, 2, 10)],
            isFull: false);

        Text(page, 0, default).ShouldBe("1 2 3 4 5 ");
        Text(page, 3, default).ShouldBe("4 5 ");
        Text(page, 5, default).ShouldBe("");
        Text(page, 0, new(7, null)).ShouldBe("1 3 4 ");
        Text(page, 1, new(7, null)).ShouldBe("3 4 ");
        Text(page, 0, new(9, null)).ShouldBe("");
        Text(page, 0, new(null, 2)).ShouldBe("2 5 ");
        Text(page, 0, new(null, 3)).ShouldBe("");
    }

    private static EventFrames Page(params long[] sequences)
    {
        var (text, frames) = (new StringBuilder(), new List<EventFrames.Frame>());
        foreach (var sequence in sequences)
        {
            text.Append(sequence).Append(' ');
            frames.Add(new(sequence, 1, 0, 1, text.Length));
        }
        return new EventFrames(Encoding.ASCII.GetBytes(text.ToString()), frames, isFull: false);
    }

    private static string Read(EventWindow window, long place)
    {
        var text = new StringBuilder();
        while (window.TryNext(place, out var page) && page is not null)
        {
            text.Append(Text(page, place, default));
            place = page.Last.Sequence;
        }
        return text.ToString();
    }

    private static string Text(EventFrames page, long after, Audience audience)
    {
        var bytes = new ArrayBufferWriter<byte>();
        page.Write(bytes, after, audience).ShouldBe(bytes.WrittenCount);
        return Encoding.ASCII.GetString(bytes.WrittenSpan);
    }
}

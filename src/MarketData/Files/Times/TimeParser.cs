using System.Buffers.Binary;
using Bifrost.MarketData.Files.Rows;

namespace Bifrost.MarketData.Files.Times;

/// <summary>Reads a date, a date with a time, or a number of seconds since 1970.</summary>
internal sealed class TimeParser(TimeForms forms)
{
    private const int IsoLength = 10;

    // The date of the row before, which most rows of a file share: its text, and what day it is.
    private ulong lastHead;
    private ushort lastTail;
    private int lastDay = -1;

    public bool TryParse(ReadOnlySpan<byte> text, out Moment moment)
    {
        var scanner = new TimeScanner(text);
        if (TryIso(text, out var day))
            scanner.Pass(IsoLength);
        else if (!DateText.TryRead(ref scanner, forms, out day))
            return TryNumber(text, out moment);
        moment = new Moment(MomentKind.Date, day, 0, 0);
        if (scanner.IsAtEnd)
            return true;
        if (scanner.Next is not ((byte)'T' or (byte)'t' or (byte)' '))
            return TryNumber(text, out moment);
        scanner.Pass(1);
        if (!ClockText.TryParse(scanner.Rest.TrimStart((byte)' '), out var time))
            return false;
        moment = Moment.At(day, time);
        return true;
    }

    /// <summary>Why a text is not parsed, to follow it in a sentence.</summary>
    public string FaultOf(ReadOnlySpan<byte> text) =>
        forms.Order is null && EitherDay.Of(text) is { IsUnclear: true } days
            ? $"is {days}, and nothing in the file's beginning tells which: say the order of the date's parts, "
                + "mdy or dmy"
            : "is no time";

    private bool TryIso(ReadOnlySpan<byte> text, out int day)
    {
        day = lastDay;
        if (text.Length < IsoLength || text[4] != text[7] || text[4] is not ((byte)'-' or (byte)'/'))
            return false;
        var head = BinaryPrimitives.ReadUInt64LittleEndian(text);
        var tail = BinaryPrimitives.ReadUInt16LittleEndian(text[8..]);
        if (day >= 0 && head == lastHead && tail == lastTail)
            return true;
        var scanner = new TimeScanner(text[..IsoLength]);
        if (!DateText.TryRead(ref scanner, forms, out day) || !scanner.IsAtEnd)
            return false;
        (lastHead, lastTail, lastDay) = (head, tail, day);
        return true;
    }

    // A leading zero is of a time of day, or of a code; no count of seconds has one.
    private bool TryNumber(ReadOnlySpan<byte> text, out Moment moment)
    {
        moment = default;
        if (text is [] or [.., < (byte)'0' or > (byte)'9'] or [(byte)'0', >= (byte)'0' and <= (byte)'9', ..])
            return false;
        if (text.Length == 14 && Digits.AreAll(text) && TryCompact(text, out moment))
            return true;
        var number = NumberText.Parse(text, isGrouped: false);
        if (number.Kind != NumberKind.Exact)
            return false;
        return TryDate(number.Value, out moment) || TryEpoch(number.Value, out moment);
    }

    // 20060102090100; as milliseconds it would lie centuries ahead.
    private bool TryCompact(ReadOnlySpan<byte> text, out Moment moment)
    {
        moment = default;
        var scanner = new TimeScanner(text[..8]);
        if (!DateText.TryRead(ref scanner, forms, out var day) || !ClockText.TryParse(text[8..], out var time))
            return false;
        moment = Moment.At(day, time);
        return true;
    }

    // 20060102, also where a spreadsheet made 20060102.0 of it.
    private static bool TryDate(decimal number, out Moment moment)
    {
        moment = default;
        if (number is < 10_000_000 or > 99_999_999 || number != decimal.Truncate(number))
            return false;
        var digits = (int)number;
        if (!DateText.TryDay(digits / 10_000, digits / 100 % 100, digits % 100, out var day))
            return false;
        moment = new Moment(MomentKind.Date, day, 0, 0);
        return true;
    }

    private bool TryEpoch(decimal number, out Moment moment)
    {
        moment = default;
        if (EpochUnits.Of(number) is not { } own)
            return false;
        var unit = forms.Unit is { } finest && finest > own ? finest : own;
        if (EpochUnits.Ticks(number, unit) is not { } ticks)
            return false;
        moment = new Moment(
            MomentKind.Epoch, (int)(ticks / TimeSpan.TicksPerDay), ticks % TimeSpan.TicksPerDay, 0);
        return true;
    }
}

using Bifrost.MarketData.Files.Columns;

namespace Bifrost.MarketData.Files.Rows;

/// <summary>A line of fields between delimiters.</summary>
internal sealed class DelimitedRow(Layout layout) : RowForm
{
    private readonly int[] slots = layout.Slots;
    private readonly byte delimiter = layout.Delimiter;

    // A field too many or too few moves those after it into the wrong columns: an unquoted 1,234 would be a volume of
    // 1. Only empty fields at the end move nothing.
    public override ReadOnlySpan<byte> Locate(ReadOnlySpan<byte> record, FieldMap fields, out Refusal? refusal)
    {
        var cutter = new FieldCutter(record, delimiter);
        var (count, isTooWide) = (0, false);
        while (cutter.TryNext(out var field))
        {
            if (count >= slots.Length)
                isTooWide |= field.Length > 0;
            else if (slots[count] >= 0)
                fields.Set((Column)slots[count], field);
            count++;
        }
        refusal = cutter.HasNul ? Refusal.Unparsable("The row has a NUL byte.")
            : cutter.IsBroken ? Refusal.Unparsable($"The quotes of field {count + 1} do not enclose it.")
            : isTooWide || count < slots.Length ? Refusal.Unparsable(
                $"{slots.Length} fields are named and the row has {count}.")
            : null;
        return record;
    }
}

using System.Text.Json;
using Bifrost.Audit.Anchors;

namespace Bifrost.Audit.Outside;

/// <summary>What a place outside said when it took an anchor.</summary>
/// <param name="Hook">The name of the program that took it there.</param>
/// <param name="Size">How many events the anchor attests, which names it.</param>
/// <param name="Anchor">The anchor's hash, in hexadecimal digits.</param>
/// <param name="At">When: UTC with microseconds, by this machine.</param>
/// <param name="Receipt">To the byte, in Base64.</param>
public sealed record AnchorReceipt(string Hook, long Size, string Anchor, string At, string Receipt)
{
    public string ToLine() => JsonSerializer.Serialize(this, AnchorJson.Default.AnchorReceipt);
}

/// <summary>Receipts in a file, a line each, oldest first; it is only appended to.</summary>
public static class ReceiptFile
{
    public const string Name = "receipts.jsonl";

    /// <summary>None where there is no file.</summary>
    /// <exception cref="AuditException">A line is no receipt.</exception>
    public static IReadOnlyList<AnchorReceipt> Read(string file, bool mayGrow = false)
    {
        if (!File.Exists(file))
            return [];
        try
        {
            return
            [
                .. LineFile.Read(file, mayGrow)
                    .Select(line => JsonSerializer.Deserialize(line, AnchorJson.Default.AnchorReceipt)!),
            ];
        }
        catch (JsonException e)
        {
            throw new AuditException($"{file} has a line that is no receipt: {e.Message}", e);
        }
    }

    /// <summary>Each receipt is of one of the anchors, as it stands.</summary>
    /// <exception cref="AuditException">
    /// One is not: an anchor that was taken outside was changed, or is gone.
    /// </exception>
    public static void RequireBound(IEnumerable<AnchorReceipt> receipts, IEnumerable<Anchor> anchors)
    {
        var known = anchors.ToDictionary(anchor => anchor.Size);
        foreach (var receipt in receipts)
        {
            if (!known.TryGetValue(receipt.Size, out var anchor))
            {
                throw new AuditException(
                    $"{receipt.Hook} gave a receipt for an anchor of {receipt.Size} events, and it is not there: "
                    + "anchors were deleted.");
            }
            if (anchor.Hash != receipt.Anchor)
            {
                throw new AuditException(
                    $"{receipt.Hook} gave a receipt for another anchor of {receipt.Size} events than the one that is "
                    + "there: it was changed.");
            }
        }
    }

    internal static void Append(string file, AnchorReceipt receipt) => LineFile.Append(file, receipt.ToLine());
}

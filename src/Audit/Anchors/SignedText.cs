using System.Globalization;
using System.Text;

namespace Bifrost.Audit.Anchors;

/// <summary>
/// What a signature is over: parts one after another, each as a netstring; one that is null as a hyphen.
/// </summary>
internal static class SignedText
{
    public static byte[] Of(params ReadOnlySpan<string?> parts)
    {
        var text = new StringBuilder();
        foreach (var part in parts)
        {
            if (part is null)
                text.Append("-,");
            else
                text.Append(CultureInfo.InvariantCulture, $"{Encoding.UTF8.GetByteCount(part)}:{part},");
        }
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    public static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}

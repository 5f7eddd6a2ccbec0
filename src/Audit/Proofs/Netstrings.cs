using System.Globalization;
using System.Text;

namespace Bifrost.Audit.Proofs;

/// <summary>
/// What a signature or a hash is over: parts one after another, each as a netstring; one that is null as a hyphen.
/// </summary>
internal static class Netstrings
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

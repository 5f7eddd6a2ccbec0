using System.Text;

namespace Bifrost.Audit.Exporting;

/// <summary>Text on its way to a stream that is only written to asynchronously.</summary>
internal sealed class ExportText(Stream output, CancellationToken cancel)
{
    private const int Enough = 32 * 1024;

    private readonly StringBuilder text = new();

    public ExportText Add(string part)
    {
        text.Append(part);
        return this;
    }

    public ExportText Add(char part)
    {
        text.Append(part);
        return this;
    }

    public void Line(string line) => text.Append(line).Append('\n');

    /// <summary>Sends what there is, where it is enough to be worth it.</summary>
    public ValueTask Send() => text.Length < Enough ? ValueTask.CompletedTask : SendAll();

    public async ValueTask SendAll()
    {
        var bytes = Encoding.UTF8.GetBytes(text.ToString());
        text.Clear();
        await output.WriteAsync(bytes, cancel);
    }
}

using System.Net;

namespace Bifrost.Harness;

/// <summary>A program on this machine that is asked over HTTP, one request after another.</summary>
public sealed class LocalListener : IAsyncDisposable
{
    private readonly HttpListener listener = new();
    private readonly Func<HttpListenerContext, Task> answer;
    private readonly Task listening;

    private LocalListener(Func<HttpListenerContext, Task> answer)
    {
        (this.answer, Url) = (answer, $"http://127.0.0.1:{FreePort.Find()}/");
        listener.Prefixes.Add(Url);
        listener.Start();
        listening = Listen();
    }

    public string Url { get; }

    public static LocalListener Start(Func<HttpListenerContext, Task> answer) => new(answer);

    public async ValueTask DisposeAsync()
    {
        listener.Close();
        await listening;
    }

    // Until it is closed.
    private async Task Listen()
    {
        while (true)
        {
            HttpListenerContext context;
            try
            {
                context = await listener.GetContextAsync();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }
            await answer(context);
        }
    }
}

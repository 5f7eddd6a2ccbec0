using System.Net;

namespace Bifrost.Audit.Tests.Outside;

/// <summary>A time-stamping service on this machine, with an authority of its own.</summary>
internal sealed class TimeStampServer : IAsyncDisposable
{
    private const string Configuration =
        """
        [tsa]
        serial = serial
        signer_cert = tsa.pem
        signer_key = tsa.key
        signer_digest = sha256
        default_policy = 1.2.3.4.1
        digests = sha256
        ordering = yes
        tsa_name = yes
        ess_cert_id_chain = no
        ess_cert_id_alg = sha256
        [ext]
        extendedKeyUsage = critical,timeStamping
        """;

    private readonly string folder;
    private readonly LocalListener listener;

    private TimeStampServer(string folder)
    {
        this.folder = folder;
        listener = LocalListener.Start(Answer);
    }

    public string Url => listener.Url;

    /// <summary>What its answers are to be believed by.</summary>
    public string Authority => Path.Combine(folder, "ca.pem");

    public static async Task<TimeStampServer> Start(string folder)
    {
        await File.WriteAllTextAsync(Path.Combine(folder, "tsa.conf"), Configuration);
        await File.WriteAllTextAsync(Path.Combine(folder, "serial"), "01\n");
        await Open(folder, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-days", "2", "-subj", "/CN=Test authority", "-keyout", "ca.key", "-out", "ca.pem");
        await Open(folder, "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-subj", "/CN=Test time stamps", "-keyout", "tsa.key", "-out", "tsa.csr");
        await Open(folder, "x509", "-req", "-in", "tsa.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-set_serial", "2",
            "-days", "2", "-extfile", "tsa.conf", "-extensions", "ext", "-out", "tsa.pem");
        return new TimeStampServer(folder);
    }

    public ValueTask DisposeAsync() => listener.DisposeAsync();

    private async Task Answer(HttpListenerContext context)
    {
        using var query = new MemoryStream();
        await context.Request.InputStream.CopyToAsync(query);
        await File.WriteAllBytesAsync(Path.Combine(folder, "query"), query.ToArray());
        await Open(
            folder, "ts", "-reply", "-config", "tsa.conf", "-section", "tsa", "-queryfile", "query", "-out", "answer");
        context.Response.ContentType = "application/timestamp-reply";
        await context.Response.OutputStream.WriteAsync(await File.ReadAllBytesAsync(Path.Combine(folder, "answer")));
        context.Response.Close();
    }

    private static Task<byte[]> Open(string folder, params string[] arguments) =>
        Shell.Run(folder, "openssl", arguments);
}

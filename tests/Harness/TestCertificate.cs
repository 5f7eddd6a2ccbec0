using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Bifrost.Harness;

/// <summary>A PKCS#12 file with a key and a certificate that nothing else has.</summary>
public sealed class TestCertificate : IDisposable
{
    public const string Password = "secret";

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("bifrost-tls-");

    public TestCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=bifrost", key, HashAlgorithmName.SHA256);
        var now = DateTimeOffset.UtcNow;
        using var made = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        System.IO.File.WriteAllBytes(File, made.Export(X509ContentType.Pkcs12, Password));
    }

    public string File => Path.Combine(folder.FullName, "cluster.pfx");

    public void Dispose() => folder.Delete(recursive: true);
}

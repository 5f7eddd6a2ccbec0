using System.Security.Cryptography;

namespace Bifrost.Audit.Anchors;

/// <summary>The key that anchors are signed with: ECDSA on the curve P-256.</summary>
public sealed class AnchorKey : IDisposable
{
    private const UnixFileMode OnlyOwner = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly ECDsa key;

    private AnchorKey(ECDsa key)
    {
        this.key = key;
        PublicKey = Convert.ToBase64String(key.ExportSubjectPublicKeyInfo());
    }

    /// <summary>A SubjectPublicKeyInfo in Base64.</summary>
    public string PublicKey { get; }

    /// <summary>Reads the key of a PEM file; makes one where there is no file, and its public part beside it.</summary>
    /// <exception cref="AuditException">The file holds no such key.</exception>
    public static AnchorKey Open(string file)
    {
        if (!File.Exists(file))
            Make(file);
        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(File.ReadAllText(file));
            if (key.KeySize != 256)
                throw new ArgumentException($"it has {key.KeySize} bits.");
            return new AnchorKey(key);
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException)
        {
            key.Dispose();
            throw new AuditException($"{file} is no private key on the curve P-256 in PEM: {e.Message}", e);
        }
    }

    public string Sign(byte[] text) => Convert.ToBase64String(key.SignData(text, HashAlgorithmName.SHA256));

    /// <summary>False too where the key or the signature is none.</summary>
    public static bool Verifies(string publicKey, byte[] text, string signature)
    {
        try
        {
            using var key = ECDsa.Create();
            key.ImportSubjectPublicKeyInfo(Convert.FromBase64String(publicKey), out _);
            return key.KeySize == 256
                && key.VerifyData(text, Convert.FromBase64String(signature), HashAlgorithmName.SHA256);
        }
        catch (Exception e) when (e is FormatException or CryptographicException)
        {
            return false;
        }
    }

    /// <summary>The public key of a PEM file, as anchors name it.</summary>
    /// <exception cref="AuditException">The file holds no such key.</exception>
    public static string ReadPublic(string file)
    {
        using var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(File.ReadAllText(file));
            return Convert.ToBase64String(key.ExportSubjectPublicKeyInfo());
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException or IOException)
        {
            throw new AuditException($"{file} is no public key in PEM: {e.Message}", e);
        }
    }

    public static string IdOf(byte[] publicKey) => Convert.ToHexStringLower(SHA256.HashData(publicKey))[..16];

    public void Dispose() => key.Dispose();

    private static void Make(string file)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file))!);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        File.WriteAllText(Path.ChangeExtension(file, ".pub.pem"), key.ExportSubjectPublicKeyInfoPem() + "\n");
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = OnlyOwner;
        using var written = new StreamWriter(file, options);
        written.Write(key.ExportPkcs8PrivateKeyPem() + "\n");
    }
}

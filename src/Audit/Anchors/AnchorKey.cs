using System.Security.Cryptography;

namespace Bifrost.Audit.Anchors;

/// <summary>A key that anchors are signed with: ECDSA on the curve P-256.</summary>
public sealed class AnchorKey : IDisposable
{
    private const UnixFileMode OnlyOwner = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    // A group may read it, because that is how secrets are given to programs in containers.
    private const UnixFileMode TooOpen =
        UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    // How a SubjectPublicKeyInfo of a point of P-256 begins (RFC 5480); other curves of 256 bits begin otherwise.
    private static readonly byte[] OfCurve =
        Convert.FromHexString("3059301306072a8648ce3d020106082a8648ce3d03010703420004");

    private readonly ECDsa key;

    private AnchorKey(ECDsa key)
    {
        this.key = key;
        PublicKey = Convert.ToBase64String(key.ExportSubjectPublicKeyInfo());
    }

    /// <summary>A SubjectPublicKeyInfo in Base64.</summary>
    public string PublicKey { get; }

    /// <summary>The first sixteen digits of its hash.</summary>
    public string Id => IdOf(PublicKey);

    /// <summary>Where the public part of a private key's file is.</summary>
    public static string PublicFileOf(string file) => Path.ChangeExtension(file, ".pub.pem");

    /// <summary>Reads the private key of a PEM file, which is the business of its owner alone.</summary>
    /// <exception cref="AuditException">There is none, it is another kind of key, or others may read it.</exception>
    public static AnchorKey Open(string file)
    {
        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(File.ReadAllText(file));
            RequireCurve(key);
            // A public key alone is read as well, and signs nothing.
            key.SignData([], HashAlgorithmName.SHA256);
            RequirePrivate(file);
            return new AnchorKey(key);
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException)
        {
            key.Dispose();
            throw new AuditException($"{file} is no private key on the curve P-256 in PEM: {e.Message}", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            key.Dispose();
            throw new AuditException($"The key that anchors are signed with cannot be read: {e.Message}", e);
        }
        catch (AuditException)
        {
            key.Dispose();
            throw;
        }
    }

    /// <summary>Makes a key, its file and that of its public part; there must be none yet.</summary>
    /// <exception cref="AuditException">It cannot be written.</exception>
    public static AnchorKey Make(string file)
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file))!);
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
                options.UnixCreateMode = OnlyOwner;
            using (var written = new FileStream(file, options))
            {
                written.Write(System.Text.Encoding.ASCII.GetBytes(key.ExportPkcs8PrivateKeyPem() + "\n"));
                // What it signs is worth nothing without it.
                written.Flush(flushToDisk: true);
            }
            var made = new AnchorKey(key);
            made.WritePublic(PublicFileOf(file));
            return made;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            key.Dispose();
            throw new AuditException($"A key to sign anchors with cannot be made: {e.Message}", e);
        }
    }

    public string Sign(byte[] text) => Convert.ToBase64String(key.SignData(text, HashAlgorithmName.SHA256));

    /// <summary>Writes the public part as PEM.</summary>
    public void WritePublic(string file) => File.WriteAllText(file, key.ExportSubjectPublicKeyInfoPem() + "\n");

    /// <summary>False too where the key or the signature is none.</summary>
    public static bool Verifies(string publicKey, byte[] text, string signature)
    {
        try
        {
            using var key = ECDsa.Create();
            key.ImportSubjectPublicKeyInfo(Convert.FromBase64String(publicKey), out _);
            RequireCurve(key);
            return key.VerifyData(text, Convert.FromBase64String(signature), HashAlgorithmName.SHA256);
        }
        catch (Exception e) when (e is FormatException or ArgumentException or CryptographicException)
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
            RequireCurve(key);
            return Convert.ToBase64String(key.ExportSubjectPublicKeyInfo());
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException or IOException)
        {
            throw new AuditException($"{file} is no public key on the curve P-256 in PEM: {e.Message}", e);
        }
    }

    /// <summary>The first sixteen digits of a key's hash.</summary>
    /// <param name="publicKey">A SubjectPublicKeyInfo in Base64.</param>
    public static string IdOf(string publicKey) =>
        Convert.ToHexStringLower(SHA256.HashData(Convert.FromBase64String(publicKey)))[..16];

    public void Dispose() => key.Dispose();

    private static void RequireCurve(ECDsa key)
    {
        if (!key.ExportSubjectPublicKeyInfo().AsSpan().StartsWith(OfCurve))
            throw new ArgumentException("it is of another curve.");
    }

    private static void RequirePrivate(string file)
    {
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(file) & TooOpen) != 0)
        {
            throw new AuditException(
                $"{file} may be read or written by others than its owner: chmod 600 it, and where somebody may have "
                + "read it, './bifrost audit keys rotate' makes another one.");
        }
    }
}

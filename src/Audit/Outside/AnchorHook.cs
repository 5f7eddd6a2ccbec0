using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using Bifrost.Audit.Anchors;
using Bifrost.EventStore;

namespace Bifrost.Audit.Outside;

/// <summary>A program that takes anchors to a place out of reach of whoever has this machine.</summary>
/// <remarks>
/// It is given the anchor's line on its standard input and writes a receipt on its standard output; it exits with 0
/// where the anchor is there. With <c>verify FILE</c> it is given the anchor again, and exits with 0 where the receipt
/// in the file is for it.
/// </remarks>
public sealed class AnchorHook
{
    private const int LongestReceipt = 64 * 1024;
    private const int LongestComplaint = 500;

    // What opens the ledger is none of its business.
    private static readonly string[] Kept = ["BIFROST_DATABASE", "BIFROST_API_KEY", "BIFROST_ANCHOR_KEY"];

    private readonly string program;
    private readonly TimeSpan limit;

    /// <param name="limit">How long it may take; then it is killed, with all that it started.</param>
    public AnchorHook(string program, TimeSpan limit)
    {
        (this.program, this.limit) = (Path.GetFullPath(program), limit);
        Name = Path.GetFileNameWithoutExtension(program);
    }

    /// <summary>The program's name, without its folder and extension.</summary>
    public string Name { get; }

    /// <summary>Takes the newest anchor outside, where it is not there yet, and keeps the receipt.</summary>
    /// <exception cref="AuditException">The program failed, took too long or says too much.</exception>
    public async Task Send(AuditFolder folder, TimeProvider clock, CancellationToken cancel)
    {
        if (AnchorFile.Latest(folder.Anchors) is not { } anchor)
            return;
        var sent = ReceiptFile.Read(folder.Receipts, mayGrow: true).LastOrDefault(receipt => receipt.Hook == Name);
        if (sent?.Size >= anchor.Size)
            return;
        var receipt = await Run(anchor, [], folder.Root, cancel);
        if (receipt.Length == 0)
            throw new AuditException($"{program} took the anchor of {anchor.At} and gave no receipt for it.");
        ReceiptFile.Append(
            folder.Receipts,
            new AnchorReceipt(
                Name, anchor.Size, anchor.Hash, EventHash.Text(clock.GetUtcNow()), Convert.ToBase64String(receipt)));
    }

    /// <summary>Asks the program whether the newest of its receipts is for the anchor that it should be for.</summary>
    /// <returns>The anchor.</returns>
    /// <exception cref="AuditException">It says no, or there is no receipt of it.</exception>
    public async Task<Anchor> Verify(
        IReadOnlyList<AnchorReceipt> receipts, IReadOnlyList<Anchor> anchors, CancellationToken cancel)
    {
        var receipt = receipts.LastOrDefault(receipt => receipt.Hook == Name)
            ?? throw new AuditException($"There is no receipt of {Name}.");
        ReceiptFile.RequireBound([receipt], anchors);
        var anchor = anchors.Single(anchor => anchor.Size == receipt.Size);
        var folder = Directory.CreateTempSubdirectory("bifrost-receipt-");
        try
        {
            var file = Path.Combine(folder.FullName, "receipt");
            await File.WriteAllBytesAsync(file, Convert.FromBase64String(receipt.Receipt), cancel);
            await Run(anchor, ["verify", file], folder.FullName, cancel);
            return anchor;
        }
        catch (FormatException e)
        {
            throw new AuditException($"The receipt of {Name} for {anchor.At} is not in Base64: {e.Message}", e);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private async Task<byte[]> Run(Anchor anchor, string[] arguments, string directory, CancellationToken cancel)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = directory,
        };
        foreach (var name in Kept)
            start.Environment.Remove(name);
        using var process = Start(start);
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        ends.CancelAfter(limit);
        try
        {
            var complaint = ReadSome(process.StandardError.BaseStream, LongestComplaint, ends.Token);
            var output = ReadSome(process.StandardOutput.BaseStream, LongestReceipt + 1, ends.Token);
            await Give(process, anchor.ToLine() + "\n", ends.Token);
            // What it started may hold the other end longer than it lives.
            var receipt = await output.WaitAsync(ends.Token);
            var said = Encoding.UTF8.GetString(await complaint.WaitAsync(ends.Token)).Trim();
            await process.WaitForExitAsync(ends.Token);
            return (process.ExitCode, receipt.Length) switch
            {
                (not 0, _) => throw new AuditException(
                    $"{program} exited with {process.ExitCode} for the anchor of {anchor.At}: {said}"),
                (_, > LongestReceipt) => throw new AuditException(
                    $"{program} gave a receipt of more than {LongestReceipt} bytes for the anchor of {anchor.At}."),
                _ => receipt,
            };
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new AuditException($"{program} took longer than {limit} for the anchor of {anchor.At}.");
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }

    // A program that needs no anchor to fail does not read it.
    private static async Task Give(Process process, string line, CancellationToken cancel)
    {
        try
        {
            await process.StandardInput.WriteAsync(line.AsMemory(), cancel);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
        }
    }

    // The rest is read and forgotten, so that nobody waits for it.
    private static async Task<byte[]> ReadSome(Stream stream, int most, CancellationToken cancel)
    {
        using var kept = new MemoryStream();
        var buffer = new byte[4096];
        while (await stream.ReadAsync(buffer, cancel) is var read and > 0)
            kept.Write(buffer, 0, (int)Math.Min(read, most - kept.Length));
        return kept.ToArray();
    }

    private Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new AuditException($"{program} cannot be started: {e.Message}", e);
        }
    }
}

using System.Globalization;
using Bifrost.Audit.Anchors;
using Bifrost.Audit.Outside;

namespace Bifrost.Cli;

/// <summary>Who else signs anchors, and what takes them outside, as environment variables tell it.</summary>
internal static class AnchorSettings
{
    // A line of anchors has room for so many.
    private const int MostCoSigners = 16;
    private const int MostSeconds = 86_400;

    private static readonly TimeSpan HookLimit = TimeSpan.FromSeconds(30);

    /// <param name="text">NAME=FILE, and more of them behind commas; null for nobody.</param>
    /// <exception cref="OperatorException">It is none of that.</exception>
    public static IReadOnlyList<CoSigner> CoSigners(string? text)
    {
        var all = Split(text, ',').Select(part => part.Split('=', 2)).ToList();
        if (all.Any(part => part is not [{ Length: > 0 }, { Length: > 0 }]) || all.Count > MostCoSigners
            || all.DistinctBy(part => part[0]).Count() < all.Count)
        {
            throw new OperatorException(
                $"BIFROST_ANCHOR_COSIGNERS is NAME=FILE, and up to {MostCoSigners} of them with commas between, "
                + "each with another name and a private key in PEM.");
        }
        return [.. all.Select(part => new CoSigner(part[0], part[1]))];
    }

    /// <param name="text">Files of programs, with what separates paths between them; null for none.</param>
    /// <exception cref="OperatorException">One is not there, or two have one name.</exception>
    public static IReadOnlyList<AnchorHook> Hooks(string? text)
    {
        var programs = Split(text, Path.PathSeparator);
        if (programs.FirstOrDefault(program => !File.Exists(program)) is { } missing)
            throw new OperatorException($"BIFROST_ANCHOR_HOOKS names a program that is not there: {missing}.");
        var hooks = programs.Select(program => new AnchorHook(program, HookLimit)).ToList();
        return hooks.DistinctBy(hook => hook.Name).Count() == hooks.Count
            ? hooks
            : throw new OperatorException("BIFROST_ANCHOR_HOOKS names two programs of one name, which receipts go by.");
    }

    /// <param name="text">A number of seconds; null for a minute.</param>
    /// <exception cref="OperatorException">It is no such number.</exception>
    public static TimeSpan HooksEvery(string? text) => text switch
    {
        null => new AuditOptions().HooksEvery,
        _ when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            && seconds is > 0 and <= MostSeconds => TimeSpan.FromSeconds(seconds),
        _ => throw new OperatorException($"BIFROST_ANCHOR_HOOKS_EVERY is a number of seconds, up to {MostSeconds}."),
    };

    private static string[] Split(string? text, char separator) =>
        (text ?? "").Split(separator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}

using System.Globalization;
using Dapper;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Npgsql;

namespace Bifrost.Api.Http;

/// <summary>A part of a list.</summary>
/// <param name="Next">Give it as <c>after</c> to read on; null at the end.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, string? Next);

/// <summary>The part of a list that is asked for.</summary>
public readonly record struct Paging
{
    public const int Default = 100;
    public const int Largest = 1000;

    /// <summary>How many items at the most: 100 where nothing is said, at most 1,000.</summary>
    [FromQuery(Name = "limit")]
    public string? Limit { get; init; }

    /// <summary>The cursor of the page before.</summary>
    [FromQuery(Name = "after")]
    public string? After { get; init; }

    internal static int ReadLimit(Check check, string? text)
    {
        var limit = Pages.Number(check, "limit", text, Default);
        if (limit is < 1 or > Largest)
            check.Add("limit", $"is between 1 and {Largest}.");
        return (int)Math.Clamp(limit, 1, Largest);
    }
}

/// <summary>How the key of a list's items stands in a cursor.</summary>
/// <param name="Read">The key after which to go on, from a cursor or null.</param>
/// <param name="Write">The cursor of an item.</param>
public sealed record Cursor<T>(Func<Check, string?, object> Read, Func<T, string> Write);

public static class Cursors
{
    /// <summary>Of a list by a number that grows along it.</summary>
    public static Cursor<T> ByNumber<T>(Func<T, long> key) => new(
        (check, text) => Pages.Number(check, "after", text, 0),
        item => key(item).ToString(CultureInfo.InvariantCulture));

    /// <summary>Of a list by a text that grows along it.</summary>
    public static Cursor<T> ByText<T>(Func<T, string> key) => new((_, text) => text ?? "", key);
}

/// <summary>Reads lists by key: a page costs the same wherever it is in the list.</summary>
public static class Pages
{
    /// <param name="sql">Has @after and @take, and orders by the key.</param>
    /// <param name="key">The key of an item, which grows along the list.</param>
    /// <param name="filters">The check of the list's other parameters; what it found is answered with the rest.</param>
    public static Task<Results<Ok<Page<T>>, ProblemHttpResult>> Read<T>(
        NpgsqlDataSource database,
        Paging paging,
        string sql,
        DynamicParameters parameters,
        Func<T, long> key,
        Check? filters = null) => Read(database, paging, sql, parameters, Cursors.ByNumber(key), filters);

    /// <inheritdoc cref="Read{T}(NpgsqlDataSource, Paging, string, DynamicParameters, Func{T, long}, Check?)"/>
    public static async Task<Results<Ok<Page<T>>, ProblemHttpResult>> Read<T>(
        NpgsqlDataSource database,
        Paging paging,
        string sql,
        DynamicParameters parameters,
        Cursor<T> cursor,
        Check? filters = null)
    {
        var check = filters ?? new Check(TimeProvider.System);
        var (limit, after) = Limits(paging, cursor, check);
        if (check.Failed)
            return check.Problem;
        parameters.Add("after", after);
        parameters.Add("take", limit + 1);
        await using var connection = await database.OpenConnectionAsync();
        var items = (await connection.QueryAsync<T>(sql, parameters)).AsList();
        return TypedResults.Ok(Page(items, limit, cursor));
    }

    /// <summary>The part of a list that is in memory.</summary>
    public static Results<Ok<Page<T>>, ProblemHttpResult> Of<T>(
        IEnumerable<T> list, Paging paging, Cursor<T> cursor, Check check)
    {
        var (limit, after) = Limits(paging, cursor, check);
        if (check.Failed)
            return check.Problem;
        var items = list.Where(item => (long)cursor.Read(check, cursor.Write(item)) > (long)after)
            .Take(limit + 1).ToList();
        return TypedResults.Ok(Page(items, limit, cursor));
    }

    /// <summary>Where a list from the newest on goes on, whose keys are UUIDs that grow with time.</summary>
    /// <returns>Only what is older than this; null for all.</returns>
    public static Guid? Before(Check check, string? after)
    {
        if (after is null)
            return null;
        if (!Guid.TryParse(after, out var last))
            check.Add("after", "is the cursor of the page before.");
        return last;
    }

    /// <summary>A page of such a list.</summary>
    /// <param name="found">One more than the page holds, where there are more.</param>
    public static Page<TView> Newest<T, TView>(List<T> found, int limit, Func<T, TView> view, Func<T, Guid> key) =>
        new([.. found.Take(limit).Select(view)], found.Count > limit ? $"{key(found[limit - 1])}" : null);

    private static (int Limit, object After) Limits<T>(Paging paging, Cursor<T> cursor, Check check)
    {
        var limit = Paging.ReadLimit(check, paging.Limit);
        return (limit, cursor.Read(check, paging.After));
    }

    private static Page<T> Page<T>(List<T> items, int limit, Cursor<T> cursor)
    {
        if (items.Count <= limit)
            return new Page<T>(items, null);
        items.RemoveAt(items.Count - 1);
        return new Page<T>(items, cursor.Write(items[^1]));
    }

    internal static long Number(Check check, string field, string? text, long otherwise)
    {
        if (text is null)
            return otherwise;
        if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            check.Add(field, "is a whole number.");
        return number;
    }
}

using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Bifrost.Domain;
using Bifrost.Domain.Orders;
using Bifrost.Domain.Portfolios;

namespace Bifrost.Api.Http;

/// <summary>What tells two commands apart that come under one key.</summary>
internal static class Fingerprints
{
    // What a command has by default is left out, so that one of before that could not say it is still the same.
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault,
        IgnoreReadOnlyProperties = true,
        Converters = { new DecimalText(), new JsonStringEnumConverter() },
    };

    /// <summary>
    /// Of a command as it was understood: how a time, a number or a symbol was spelled makes no difference, nor whether
    /// what goes without saying was said.
    /// </summary>
    public static byte[] Of(int portfolioId, Command command)
    {
        // A portfolio that is to be opened has no name yet: its id differs from one repeat to the next.
        var (place, terms) = command is OpenPortfolio open
            ? ("", open with { PortfolioId = 0 })
            : (portfolioId.ToString(CultureInfo.InvariantCulture), command);
        return Hash(
            $"{command.GetType().Name}@{place}\n", JsonSerializer.SerializeToUtf8Bytes(terms, terms.GetType(), Json));
    }

    /// <summary>Of the request that said it, which is what receipts of before have.</summary>
    public static byte[] OfRequest<T>(int portfolioId, Command command, T request) => Hash(
        $"{command.GetType().Name} {Target(portfolioId, command)}\n",
        JsonSerializer.SerializeToUtf8Bytes(request, typeof(T), ApiJson.Default));

    private static byte[] Hash(string target, byte[] terms) =>
        SHA256.HashData([.. Encoding.UTF8.GetBytes(target), .. terms]);

    private static string Target(int portfolioId, Command command) => command switch
    {
        OpenPortfolio => "",
        AmendExecution c => string.Create(CultureInfo.InvariantCulture, $"{c.OrderId} {c.ExecutionId}"),
        OrderCommand c => c.OrderId.ToString(CultureInfo.InvariantCulture),
        _ => portfolioId.ToString(CultureInfo.InvariantCulture),
    };
}

using System.Globalization;
using Bifrost.Workers.Checking;

namespace Bifrost.Api.Operations;

/// <summary>Tells with each answer through which sequence the tables were verified against the log.</summary>
internal static class VerifiedHeader
{
    public const string Name = "Bifrost-Verified-Through";

    public static void Use(WebApplication app)
    {
        var check = app.Services.GetRequiredService<ProjectionCheck>();
        app.Use((context, next) =>
        {
            if (check.VerifiedThrough is > 0 and var sequence)
                context.Response.Headers[Name] = sequence.ToString(CultureInfo.InvariantCulture);
            return next(context);
        });
    }
}

using Bifrost.Api.Access;
using Bifrost.Api.Http;
using Bifrost.Jobs;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Bifrost.Api.Jobs;

internal static class ScheduleRoutes
{
    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/schedules", List).OpenTo(AccessRule.Operate)
            .WithName("ListSchedules").WithTags("Jobs").WithSummary("Lists the schedules that ask for jobs");
        api.MapPut("/schedules/{name}", Set).OpenTo(AccessRule.ManageJobs)
            .WithName("SetSchedule").WithTags("Jobs").WithSummary("Makes a schedule, or changes the one of this name")
            .ProducesProblem(400).ProducesProblem(422);
        api.MapDelete("/schedules/{name}", Remove).OpenTo(AccessRule.ManageJobs)
            .WithName("RemoveSchedule").WithTags("Jobs").WithSummary("Removes a schedule; its jobs stay")
            .ProducesProblem(404);
    }

    private static async Task<Ok<List<ScheduleView>>> List(Schedules schedules, CancellationToken cancel) =>
        TypedResults.Ok((await schedules.List(cancel)).ConvertAll(ScheduleView.Of));

    private static async Task<Results<Ok<ScheduleView>, ProblemHttpResult>> Set(
        string name,
        Body<SetScheduleRequest> body,
        HttpContext http,
        Schedules schedules,
        CancellationToken cancel)
    {
        if (body.Problem is { } invalid)
            return invalid;
        var check = new Check(TimeProvider.System);
        var schedule = new Schedule(
            check.Name("name", name),
            check.Text("kind", body.Value.Kind, 50),
            JobRoutes.Arguments(check, body.Value.Arguments),
            check.Text("cron", body.Value.Cron, 100),
            check.OptionalText("zone", body.Value.Zone, 100) ?? "Etc/UTC",
            Caller.Of(http).Actor);
        if (check.Failed)
            return check.Problem;
        try
        {
            var next = await schedules.Set(schedule, cancel);
            return TypedResults.Ok(ScheduleView.Of(schedule with { NextAt = next }));
        }
        catch (JobRefusedException e)
        {
            return Problems.Of(Problems.JobRefused, e.Message);
        }
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> Remove(
        string name, Schedules schedules, CancellationToken cancel) =>
        IsName(name) && await schedules.Remove(name, cancel)
            ? TypedResults.NoContent()
            : Problems.Of(Problems.ScheduleNotFound, "There is no schedule of this name.");

    private static bool IsName(string name)
    {
        var check = new Check(TimeProvider.System);
        check.Name("name", name);
        return !check.Failed;
    }
}

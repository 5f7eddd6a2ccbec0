using System.Collections.Concurrent;
using System.Text.Json;
using Bifrost.Messaging;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Bifrost.Jobs.Tests;

/// <summary>What a job of a test does: each test hands over its own, found by a name in the arguments.</summary>
public delegate Task<JsonElement?> Script(JobContext job, CancellationToken cancel);

/// <summary>The kind of the tests' jobs.</summary>
internal sealed class ScriptedKind(string name, bool takesContent) : IJobKind
{
    public const string Plain = "scripted";
    public const string WithContent = "scripted-content";

    private static readonly ConcurrentDictionary<string, Script> Scripts = [];

    public string Name => name;

    public string Description => "Does what a test says. script: the name of it.";

    public bool TakesContent => takesContent;

    /// <returns>The arguments by which a job finds the script, whichever host does it.</returns>
    public static JsonElement Add(Script script)
    {
        var id = $"{Guid.NewGuid()}";
        Scripts[id] = script;
        return JsonSerializer.SerializeToElement(new { script = id });
    }

    public string? ProblemWith(JsonElement arguments) =>
        arguments.TryGetProperty("script", out _) ? null : "script is required.";

    public Task<JsonElement?> Run(JobContext job, CancellationToken cancel) =>
        Scripts[job.Arguments.GetProperty("script").GetString()!](job, cancel);
}

/// <summary>A process that has jobs done, as far as the database can tell.</summary>
internal sealed class JobHost : IAsyncDisposable
{
    public const string Owner = "tester";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly IHost host;
    private bool isStopped;

    private JobHost(IHost host) => this.host = host;

    public JobControl Control => host.Services.GetRequiredService<JobControl>();

    public JobStore Store => host.Services.GetRequiredService<JobStore>();

    public JobRunner Runner => host.Services.GetRequiredService<JobRunner>();

    public Schedules Schedules => host.Services.GetRequiredService<Schedules>();

    public IServiceProvider Services => host.Services;

    /// <param name="clock">What schedules go by; null for the machine's.</param>
    /// <param name="works">Whether it does jobs.</param>
    public static async Task<JobHost> Start(string database, TimeProvider? clock = null, bool works = true)
    {
        var builder = Host.CreateEmptyApplicationBuilder(settings: null);
        builder.Logging.SetMinimumLevel(LogLevel.None);
        builder.Services.AddSingleton(clock ?? TimeProvider.System);
        // As in the server, but for how long it waits.
        TimeSpan[] waits = [default, default, default, default, TimeSpan.FromMilliseconds(1)];
        builder.Services.AddSingleton(new JobPace(TimeSpan.FromMilliseconds(20), waits));
        builder.Services.AddSingleton<IJobKind>(new ScriptedKind(ScriptedKind.Plain, takesContent: false));
        builder.Services.AddSingleton<IJobKind>(new ScriptedKind(ScriptedKind.WithContent, takesContent: true));
        MessagingModule.Add(builder, database);
        JobModule.Add(builder.Services);
        if (!works)
            builder.Services.Remove(builder.Services.Single(s => s.ImplementationType == typeof(JobWorkers)));
        var host = builder.Build();
        await host.StartAsync();
        return new JobHost(host);
    }

    public Task<Job> Submit(Script script, string? key = null) =>
        Submit(new JobRequest(ScriptedKind.Plain, ScriptedKind.Add(script), Owner, key));

    public Task<Job> Submit(JobRequest request, byte[]? content = null) =>
        Control.Submit(request, content is null ? null : new MemoryStream(content), CancellationToken.None);

    public async Task<Job> Find(Guid jobId) => (await Store.Find(jobId, CancellationToken.None)).ShouldNotBeNull();

    /// <summary>Waits until a job is as it is due to be.</summary>
    public async Task<Job> Until(Guid jobId, Func<Job, bool> isDue)
    {
        var job = await Find(jobId);
        await Eventually.Is(async () => isDue(job = await Find(jobId)), Patience, () => $"It stays: {job}");
        return job;
    }

    /// <summary>Waits until a job has ended.</summary>
    public Task<Job> Ended(Guid jobId) => Until(jobId, job => job.State.IsEnded());

    public async Task Stop()
    {
        if (!isStopped)
            await host.StopAsync();
        isStopped = true;
    }

    public async ValueTask DisposeAsync()
    {
        await Stop();
        // Disposing of it asynchronously is what the container of services wants.
        await ((IAsyncDisposable)host).DisposeAsync();
    }
}

/// <summary>A point that a script waits at until the test lets it go on.</summary>
internal sealed class Gate
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TaskCompletionSource reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource opened = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends once a script is at the gate.</summary>
    public Task Reached => reached.Task.WaitAsync(Patience);

    public void Open() => opened.TrySetResult();

    /// <summary>What a script does at the gate.</summary>
    public async Task Pass(CancellationToken cancel)
    {
        reached.TrySetResult();
        await opened.Task.WaitAsync(cancel);
    }
}

/// <summary>One host over a database, for the tests of a class.</summary>
public sealed class OneHost : IAsyncLifetime
{
    public TestDatabase Database { get; } = new();

    internal JobHost Host { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        await Database.InitializeAsync();
        Host = await JobHost.Start(Database.ConnectionString);
    }

    public async Task DisposeAsync()
    {
        await Host.DisposeAsync();
        await Database.DisposeAsync();
    }
}

/// <summary>JSON as short as a test wants it.</summary>
internal static class Some
{
    public static Task<JsonElement?> Nothing => Task.FromResult<JsonElement?>(null);

    public static JsonElement Json(object value) => JsonSerializer.SerializeToElement(value);

    /// <summary>As it is sent, however odd.</summary>
    public static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement;
}

using System.Globalization;
using Bifrost.Audit.History;

namespace Bifrost.Audit.Exporting;

/// <summary>One row for each event, with what the history shows of it, as RFC 4180 has it.</summary>
internal static class CsvExport
{
    private const string Header =
        "sequence,id,stream,version,type,data,occurredAt,recordedAt,actor,commandId,correlationId,"
        + "hash,previousHash\r\n";

    private const int RowsBetweenTelling = 1000;

    public static async Task Write(ExportRun run)
    {
        var text = new ExportText(run.Output, run.Cancel).Add(Header);
        var (filter, done) = (
            new HistoryFilter { PortfolioId = run.Scope.PortfolioId, From = run.Scope.From, To = run.Scope.To }, 0L);
        await foreach (var (fact, all) in EventHistory.ReadAll(run.Connection, filter, run.Cancel))
        {
            Add(text, fact);
            await text.Send();
            if (++done % RowsBetweenTelling == 0)
                run.Tell(done, all);
        }
        await text.SendAll();
        run.Tell(done, done);
    }

    private static void Add(ExportText text, LoggedFact fact) => text
        .Add(Number(fact.Sequence)).Add(',')
        .Add(fact.Id.ToString()).Add(',')
        .Add(Text(fact.Stream)).Add(',')
        .Add(Number(fact.Version)).Add(',')
        .Add(Text(fact.Type)).Add(',')
        .Add(Quoted(fact.Data)).Add(',')
        .Add(Time(fact.OccurredAt)).Add(',')
        .Add(Time(fact.RecordedAt)).Add(',')
        .Add(Text(fact.Actor)).Add(',')
        .Add(Text(fact.CommandId)).Add(',')
        .Add(Text(fact.CorrelationId ?? "")).Add(',')
        .Add(fact.Hash ?? "").Add(',')
        .Add(fact.PreviousHash ?? "").Add("\r\n");

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Time(DateTime? time) =>
        time?.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture) ?? "";

    // A spreadsheet would run what begins so as a formula. Ids come from callers, so such a text gets an apostrophe
    // before it, which spreadsheets take for the sign of a text. Data never begins so: it is JSON.
    private static string Text(string text) =>
        Quoted(text is ['=' or '+' or '-' or '@' or '\t' or '\r', ..] ? $"'{text}" : text);

    private static string Quoted(string text) =>
        text.AsSpan().ContainsAny("\",\r\n") ? $"\"{text.Replace("\"", "\"\"")}\"" : text;
}

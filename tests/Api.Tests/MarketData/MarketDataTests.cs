using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Bifrost.Harness;
using Bifrost.MarketData.Files;

namespace Bifrost.Api.Tests.MarketData;

public sealed class MarketDataTests(LedgerFixture server) : LedgerTests(server)
{
    private const string Header = "symbol,time,open,high,low,close,volume\n";

    [Theory]
    [InlineData("csv", Header + "CSV,2024-03-08T14:30:00Z,1.50,2,1,1.75,10\n")]
    [InlineData("lines", """{"symbol":"LINES","t":"2024-03-08T14:30:00Z","o":1.50,"h":2,"l":1,"c":"1.75","v":10}""")]
    [InlineData("array", """[{"symbol":"ARRAY","time":1709908200,"open":1.50,"high":2,"low":1,"close":1.75,"v":10}]""")]
    public async Task bars_are_stored_in_whatever_form_they_come_and_read_back(string form, string body)
    {
        (await Load("interval=min", body)).ShouldBe((1, 1, 0, 0, 0));
        (await Load("interval=min", body)).ShouldBe((1, 0, 0, 1, 0));

        var bars = (await Server.Api.Get($"/api/market-data/bars/{form}?interval=min")).Expect(HttpStatusCode.OK);

        bars.Items.ShouldHaveSingleItem()!.ToJsonString().ShouldBe(
            """
            {"time":"2024-03-08T14:30:00Z","open":"1.5","high":"2","low":"1","close":"1.75","volume":"10",
            "adjClose":null,"isRollup":false}
            """.Replace("\n", ""));
    }

    [Fact]
    public async Task a_compressed_body_far_larger_than_other_requests_may_be_is_stored()
    {
        var rows = new StringBuilder(Header);
        for (var i = 0; i < 60_000; i++)
        {
            var time = new DateTime(2024, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddMinutes(i);
            rows.Append($"BIG,{time:yyyy-MM-ddTHH:mm:ssZ},1,1,1,1,{i}\n");
        }
        rows.Length.ShouldBeGreaterThan(2 * 1024 * 1024);
        using var body = new MemoryStream();
        await using (var gzip = new GZipStream(body, CompressionMode.Compress, leaveOpen: true))
            await gzip.WriteAsync(Encoding.UTF8.GetBytes(rows.ToString()));

        (await Load("interval=min", body.ToArray())).ShouldBe((60_000, 60_000, 0, 0, 0));
    }

    [Theory]
    [InlineData("x\n", 1_000_000)]
    [InlineData("x\n", 20_000)]
    [InlineData("ZIP,2024-03-08T14:30:00Z,1,1,1,1,1\nZIP,2024-03-08T14:30:00Z,2,2,2,2,2\n", 100_000)]
    public async Task a_small_body_takes_little_room_and_the_answer_says_what_became_of_it(string row, int times)
    {
        using var body = new MemoryStream();
        await using (var gzip = new GZipStream(body, CompressionMode.Compress, leaveOpen: true))
            await gzip.WriteAsync(Encoding.UTF8.GetBytes(Header + string.Concat(Enumerable.Repeat(row, times))));
        var rows = await Server.Database.Query<long>(Kept);

        var refused = await Server.Send(
            HttpMethod.Post, "/api/market-data/bars?interval=min&source=bomb", new ByteArrayContent(body.ToArray()));

        refused.ShouldBeProblem(422, "bars-unreadable").Text("detail").ShouldContain("after row");
        refused["counts"]["read"]!.GetValue<long>().ShouldBeInRange(1, times);
        (await Server.Database.Query<long>(Kept) - rows).ShouldBeLessThan(65_000);
    }

    private const string Kept =
        "SELECT (SELECT count(*) FROM market_bar_quarantine) + (SELECT count(*) FROM market_bar_correction)";

    [Fact]
    public async Task rows_that_are_too_many_to_be_kept_are_counted_in_the_answer()
    {
        var (app, api) = await Server.StartAnother(options => options with { Loads = new LoadLimits { BadRows = 3 } });
        await using var _ = app;
        using var __ = api;
        var bad = string.Concat(Enumerable.Repeat("MANY,2024-03-08T14:30:00Z,1,1,2,1,1\n", 30));
        var good = string.Concat(Enumerable.Range(0, 30).Select(i => $"MANY,2024-03-08T14:{i:00}:00Z,1,1,1,1,1\n"));

        var loaded = (await api.SendRaw(
            HttpMethod.Post, "/api/market-data/bars?interval=min&source=many", Header + good + bad, "text/csv"))
            .Expect(HttpStatusCode.OK);

        loaded.Body!.ToJsonString().ShouldBe(
            """{"read":60,"written":30,"corrected":0,"unchanged":0,"quarantined":30,"notKept":7}""");
        (await Server.Database.Query<long>("SELECT count(*) FROM market_bar_quarantine WHERE source = 'many'"))
            .ShouldBe(23);
    }

    [Theory]
    [InlineData("")]
    [InlineData("Prefer: respond-async\r\n")]
    public async Task a_body_that_takes_longer_than_it_may_is_ended_and_says_what_was_stored(string header)
    {
        var (app, api) = await Server.StartAnother(
            options => options with { Loads = new LoadLimits { Time = TimeSpan.FromMilliseconds(200) } });
        await using var _ = app;
        using var __ = api;
        using var slow = new RawConnection(new Uri(app.Urls.Single()));
        await slow.Send(
            $"POST /api/market-data/bars?interval=min HTTP/1.1\r\nHost: localhost\r\n{header}"
            + "Content-Length: 1000000\r\n\r\n" + Header);

        var (status, problem) = await slow.ReadProblem();

        (status, (string?)problem["title"]).ShouldBe((504, "took-too-long"));
        ((long?)problem["counts"]?["read"]).ShouldBe(0);
    }

    [Fact]
    public async Task what_a_body_does_not_say_is_said_by_the_query()
    {
        await Load(
            "interval=min&symbol=said&timeZone=%2B01:00&labels=end&barMinutes=5&source=broker",
            "Date,Time,Open,High,Low,Close\n2024-03-08,15:35:00,1,1,1,1\n2024-03-08,15:40:00,1,1,2,1\n");

        var bars = await Server.Api.Get("/api/market-data/bars/SAID?interval=min");
        bars.Items.ShouldHaveSingleItem()!["time"]!.GetValue<string>().ShouldBe("2024-03-08T14:30:00Z");
        var quarantined = await Server.Api.Get("/api/market-data/quarantine?source=broker");
        var row = quarantined.Items.ShouldHaveSingleItem()!;
        row["reason"]!.GetValue<string>().ShouldBe("HIGH_BELOW_LOW");
        row["line"]!.GetValue<int>().ShouldBe(3);
        row["raw"]!.GetValue<string>().ShouldBe("2024-03-08,15:40:00,1,1,2,1");
    }

    [Fact]
    public async Task the_order_of_dates_and_the_columns_are_said_by_the_query_which_a_refusal_names()
    {
        const string rows = "3.5,01/03/2024,1,9,1\n";
        var refused = await Send(
            "interval=day&symbol=ORDERED&columns=close,date,open,high,low", Encoding.UTF8.GetBytes(rows));

        refused.ShouldBeProblem(422, "bars-unreadable").Text("detail").ShouldBe(
            "'01/03/2024' is 3 January 2024 or 1 March 2024, and no row tells which: say the order of the date's "
            + "parts, mdy or dmy. (dateOrder in the query)");

        await Load("interval=day&symbol=ORDERED&columns=close,date,open,high,low&dateOrder=dmy", rows);

        var bar = (await Server.Api.Get("/api/market-data/bars/ORDERED?interval=day")).Items.ShouldHaveSingleItem()!;
        bar["time"]!.GetValue<string>().ShouldStartWith("2024-03-01");
        bar["close"]!.GetValue<string>().ShouldBe("3.5");
    }

    [Theory]
    [InlineData("", "interval")]
    [InlineData("interval=week", "interval")]
    [InlineData("interval=1", "interval")]
    [InlineData("interval=min&symbol=TWO%20%20SPACES", "symbol")]
    [InlineData("interval=min&labels=middle", "labels")]
    [InlineData("interval=min&barMinutes=0", "barMinutes")]
    [InlineData("interval=min&dateOrder=ymd", "dateOrder")]
    public async Task a_wrong_query_is_refused_and_nothing_is_stored(string query, string field)
    {
        var answer = await Send(query, Encoding.UTF8.GetBytes(Header + "WRONG,2024-03-08T14:30:00Z,1,1,1,1,1\n"));

        answer.Expect(HttpStatusCode.BadRequest).Slug.ShouldBe("invalid-request");
        answer["errors"].AsObject().Select(error => error.Key).ShouldBe([field]);
        (await Server.Api.Get("/api/market-data/bars/WRONG")).Status.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task a_body_without_bars_is_refused_with_what_to_do()
    {
        var answer = await Send("interval=min", Encoding.UTF8.GetBytes("Dear Sir or Madam\n"));

        answer.Expect(HttpStatusCode.UnprocessableEntity).Slug.ShouldBe("bars-unreadable");
        answer["counts"]!["read"]!.GetValue<int>().ShouldBe(0);
        answer.Text("detail").ShouldNotBeEmpty();
    }

    [Fact]
    public async Task bars_are_read_by_range_and_in_pages()
    {
        var rows = Enumerable.Range(0, 25).Select(i => $"RANGE,2024-03-08T14:{30 + i:00}:00Z,{i + 1},99,1,{i + 1},1\n");
        await Load("interval=min", Header + string.Concat(rows));

        var times = new List<string>();
        var after = "";
        do
        {
            var page = await Server.Api.Get(
                "/api/market-data/bars/RANGE?interval=min&limit=4"
                + "&from=2024-03-08T14:32:00Z&to=2024-03-08T14:50:00Z" + after);
            times.AddRange(page.Items.Select(bar => bar!["time"]!.GetValue<string>()));
            after = (string?)page.Body!["next"] is { } next ? $"&after={next}" : "";
        }
        while (after.Length > 0);

        times.ShouldBe(Enumerable.Range(32, 18).Select(minute => $"2024-03-08T14:{minute}:00Z"));
    }

    [Theory]
    [InlineData("interval=month", "interval")]
    [InlineData("from=yesterday", "from")]
    [InlineData("from=2024-03-08&to=2024-03-08", "to")]
    [InlineData("after=x", "after")]
    [InlineData("limit=0", "limit")]
    public async Task a_wrong_range_is_refused(string query, string field)
    {
        await Load("interval=day", Header + "ASKED,2024-03-08,1,1,1,1,1\n");

        var answer = await Server.Api.Get($"/api/market-data/bars/ASKED?{query}");

        answer.Expect(HttpStatusCode.BadRequest)["errors"].AsObject().Select(error => error.Key).ShouldBe([field]);
    }

    [Fact]
    public async Task a_symbol_that_nobody_named_is_not_found()
    {
        foreach (var path in new[] { "bars/NOBODY", "symbols/NOBODY", "symbols/no%20symbol" })
        {
            (await Server.Api.Get($"/api/market-data/{path}"))
                .Expect(HttpStatusCode.NotFound).Slug.ShouldBe("symbol-not-found");
        }
    }

    [Fact]
    public async Task days_are_rolled_up_of_minutes_where_no_daily_bar_was_given()
    {
        await Load(
            "interval=min",
            Header + "ROLL,2024-03-07T14:30:00Z,1,3,1,2,5\nROLL,2024-03-08T14:30:00Z,2,4,2,3,6\n");
        await Load("interval=day", Header + "ROLL,2024-03-08,2,5,2,3,60\n");

        var days = await Due("/api/market-data/bars/ROLL?interval=day", page => page.Items.Count == 2);
        days.Items.Select(day => (day!["high"]!.GetValue<string>(), day["isRollup"]!.GetValue<bool>()))
            .ShouldBe([("3", true), ("5", false)]);
        var weeks = await Due(
            "/api/market-data/bars/ROLL?interval=week", page => page.Items.Any(week => (string)week!["high"]! == "5"));
        weeks.Items.ShouldHaveSingleItem()!["volume"]!.GetValue<string>().ShouldBe("65");
    }

    [Fact]
    public async Task the_latest_prices_of_many_symbols_come_at_once_with_the_time_of_their_bars()
    {
        await Load(
            "interval=min",
            Header + "LATE1,2024-03-08T14:30:00Z,1,3,1,2,5\nLATE2,2024-03-08T14:31:00Z,2,4,2,3,6\n");
        await Load("interval=min", Header + "LATE1,2024-03-08T14:29:00Z,9,9,9,9,5\n");

        var latest = await Server.Api.Get("/api/market-data/latest?symbols=late1,LATE2,NONE1");

        latest.Items.Select(price => $"{price!["symbol"]} {price["price"]} {price["time"]} {price["interval"]}")
            .ShouldBe(["LATE1 2 2024-03-08T14:30:00Z min", "LATE2 3 2024-03-08T14:31:00Z min"]);
        latest["unknown"].AsArray().Select(symbol => (string)symbol!).ShouldBe(["NONE1"]);
        (await Server.Api.Get("/api/market-data/latest")).Expect(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task completeness_is_told_by_symbol_and_day()
    {
        var rows = new StringBuilder(Header);
        foreach (var (day, minutes) in new[] { (6, 60), (7, 60), (8, 45) })
        {
            for (var minute = 0; minute < minutes; minute++)
                rows.Append($"DAYS,2024-03-{day:00}T14:{minute:00}:00Z,1,1,1,1,1\n");
        }
        await Load("interval=min", rows.ToString());

        var days = await Due("/api/market-data/statistics?symbol=DAYS", page => page.Items.Count == 3);

        days.Items.Select(day => $"{day!["day"]} {day["bars"]} {day["expectedSession"]} {day["completeness"]}")
            .ShouldBe(["2024-03-06 60 60 1", "2024-03-07 60 60 1", "2024-03-08 45 60 0.75"]);
        var first = await Server.Api.Get("/api/market-data/statistics?symbol=DAYS&limit=2");
        var rest = await Server.Api.Get($"/api/market-data/statistics?symbol=DAYS&limit=2&after={first["next"]}");
        rest.Items.ShouldHaveSingleItem()!["day"]!.GetValue<string>().ShouldBe("2024-03-08");
    }

    [Fact]
    public async Task a_symbol_is_described_found_and_listed()
    {
        await Load("interval=day", Header + "DESC,2024-03-08,1,1,1,1,1\n");

        var described = await Put("/api/market-data/symbols/desc", """{"name":"Describable plc","exchange":"XLON"}""");

        described.Expect(HttpStatusCode.OK).Text("name").ShouldBe("Describable plc");
        described.Text("status").ShouldBe("ACTIVE");
        described.Text("exchange").ShouldBe("XLON");
        described.Text("price").ShouldBe("1");
        foreach (var search in new[] { "des", "CRIBABLE" })
        {
            (await Server.Api.Get($"/api/market-data/symbols?search={search}"))
                .Items.ShouldHaveSingleItem()!["symbol"]!.GetValue<string>().ShouldBe("DESC");
        }
        (await Server.Api.Get("/api/market-data/symbols?search=%25")).Items.ShouldBeEmpty();
        await Put("/api/market-data/symbols/DESC", """{"sector":"Energy"}""");
        (await Server.Api.Get("/api/market-data/symbols/DESC")).Text("exchange").ShouldBe("XLON");
    }

    [Fact]
    public async Task bars_that_are_posted_value_holdings_and_are_told_to_who_listens()
    {
        var portfolio = await Server.Api.OpenPortfolio(1000);
        await Server.Api.Post(
            $"/api/portfolios/{portfolio}/executions",
            new { executionId = "X", symbol = "HEARD", side = "BUY", quantity = 10, price = 20 });

        await Load("interval=min", Header + "HEARD,2024-03-08T14:30:00Z,25,25,25,25,5\n");

        var holdings = await Due(
            $"/api/portfolios/{portfolio}/holdings", page => (string)page.Items[0]!["currentPrice"]! == "25");
        var holding = holdings.Items[0]!;
        ((string)holding["marketValue"]!, (string)holding["unrealizedPnl"]!).ShouldBe(("250", "50"));
        ((string)holding["priceAt"]!).ShouldBe("2024-03-08T14:30:00Z");
        (await Server.Api.Get($"/api/portfolios/{portfolio}")).Amount("currentValue").ShouldBe(1050);
    }

    // Rollups and valuations follow a moment after the bars.
    private async Task<ApiAnswer> Due(string path, Func<ApiAnswer, bool> isDue)
    {
        ApiAnswer? answer = null;
        await Eventually.Is(
            async () => (answer = await Server.Api.Get(path)).Status == HttpStatusCode.OK && isDue(answer),
            TimeSpan.FromSeconds(60),
            () => $"It stays {answer}");
        return answer!;
    }

    private async Task<(int, int, int, int, int)> Load(string query, string body) =>
        await Load(query, Encoding.UTF8.GetBytes(body));

    private async Task<(int, int, int, int, int)> Load(string query, byte[] body)
    {
        var answer = (await Send(query, body)).Expect(HttpStatusCode.OK);
        return (answer.Id("read"), answer.Id("written"), answer.Id("corrected"), answer.Id("unchanged"),
            answer.Id("quarantined"));
    }

    private Task<ApiAnswer> Send(string query, byte[] body) =>
        SendBytes(HttpMethod.Post, $"/api/market-data/bars?{query}", body, "application/x-www-form-urlencoded");

    private Task<ApiAnswer> Put(string path, string json) =>
        SendBytes(HttpMethod.Put, path, Encoding.UTF8.GetBytes(json), "application/json");

    private async Task<ApiAnswer> SendBytes(HttpMethod method, string path, byte[] body, string type)
    {
        using var http = new HttpClient { BaseAddress = Server.Url };
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue(type);
        using var request = new HttpRequestMessage(method, path) { Content = content };
        using var response = await http.SendAsync(request);
        return new ApiAnswer(
            response.StatusCode,
            JsonNode.Parse(await response.Content.ReadAsStringAsync()),
            response.Headers,
            response.Content.Headers.ContentType?.MediaType);
    }
}

using System.Net;
using System.Text;
using Bifrost.Harness;

namespace Bifrost.Api.Tests;

public sealed class ProtocolTests(LedgerFixture server) : LedgerTests(server)
{
    private const int TenMegabytes = 10 * 1024 * 1024;
    private const string Deposit = """{"type":"DEPOSIT","amount":5}""";

    [Theory]
    [InlineData("[]")]
    [InlineData("[{\"type\":\"DEPOSIT\",\"amount\":5}]")]
    [InlineData("null")]
    [InlineData("\"DEPOSIT\"")]
    [InlineData("5")]
    [InlineData("true")]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("{")]
    [InlineData("}")]
    [InlineData("{\"type\":\"DEPOSIT\",\"amount\":5")]
    [InlineData("{\"type\":\"DEPOSIT\",\"amount\":5,}")]
    [InlineData("{\"type\":\"DEPOSIT\",\"amount\":5}{}")]
    [InlineData("{\"type\":\"DEPOSIT\" \"amount\":5}")]
    [InlineData("{'type':'DEPOSIT','amount':5}")]
    [InlineData("{type:\"DEPOSIT\",amount:5}")]
    [InlineData("{\"type\":\"DEPOSIT\",\"amount\":NaN}")]
    [InlineData("{\"type\":\"DEPOSIT\",\"amount\":05}")]
    [InlineData("{\"type\":\"DEPOSIT\",\"amount\":5} // done")]
    [InlineData("type=DEPOSIT&amount=5")]
    [InlineData("<type>DEPOSIT</type>")]
    [InlineData("{\"type\":\"DEPOSIT\",\"amount\":5,\"\\ud800\":1}")]
    [InlineData("{\"type\":\"DEPOSIT\",\"amount\":5,\"\\u0000\":1}")]
    public async Task a_body_that_is_no_json_object_of_the_request_is_refused(string body)
    {
        var funding = await Funding();
        await Server.Refuses(400, "invalid-request", api => api.SendRaw(HttpMethod.Post, funding, body));
    }

    [Theory]
    [InlineData("[", 100_000)]
    [InlineData("{\"a\":", 100_000)]
    [InlineData("{\"lots\":[", 50_000)]
    [InlineData("{\"type\":{\"type\":", 30_000)]
    public async Task a_body_nested_very_deeply_is_refused(string opening, int times)
    {
        var funding = await Funding();
        var body = string.Concat(Enumerable.Repeat(opening, times));
        await Server.Refuses(400, "invalid-request", api => api.SendRaw(HttpMethod.Post, funding, body));
        await Server.Refuses(400, "invalid-request", api => api.SendRaw(
            HttpMethod.Post, funding, $$"""{"type":"DEPOSIT","amount":5,"description":{{body}}"""));
    }

    [Theory]
    [InlineData("description", new byte[] { 0xFF })]
    [InlineData("description", new byte[] { 0xC0, 0x80 })]
    [InlineData("description", new byte[] { 0xED, 0xA0, 0x80 })]
    [InlineData("description", new byte[] { 0xF0, 0x9F, 0x92 })]
    [InlineData("symbol", new byte[] { 0xFE, 0xFF })]
    public async Task bytes_that_are_no_utf_8_are_refused(string field, byte[] wrong)
    {
        var funding = await Funding();
        var start = Encoding.UTF8.GetBytes($"{{\"type\":\"DEPOSIT\",\"amount\":5,\"{field}\":\"a");
        byte[] body = [.. start, .. wrong, .. "\"}"u8];
        await Server.Refuses(400, "invalid-request", _ => SendBytes(funding, body, "application/json"));
    }

    [Fact]
    public async Task a_body_in_another_encoding_is_refused()
    {
        var funding = await Funding();
        await Server.Refuses(400, "invalid-request", _ => SendBytes(
            funding, Encoding.Unicode.GetBytes(Deposit), "application/json; charset=utf-16"));
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/xml")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("multipart/form-data; boundary=x")]
    [InlineData("application/octet-stream")]
    [InlineData("application/jsonp")]
    public async Task a_body_of_another_content_type_is_refused(string contentType)
    {
        var funding = await Funding();
        await Server.Refuses(
            415, "unsupported-media-type", api => api.SendRaw(HttpMethod.Post, funding, Deposit, contentType));
    }

    [Fact]
    public async Task a_body_without_a_content_type_is_refused()
    {
        var funding = await Funding();
        await Server.Refuses(
            415, "unsupported-media-type", _ => SendBytes(funding, Encoding.UTF8.GetBytes(Deposit), null));
    }

    [Fact]
    public async Task a_body_of_ten_megabytes_is_refused_before_it_is_sent()
    {
        var (funding, state) = (await Funding(), await Server.ReadState());
        using var connection = new RawConnection(Server.Url);
        await connection.Send(RawConnection.Post(funding, TenMegabytes));
        ShouldBeTooLarge(await connection.ReadProblem());
        (await Server.ReadState()).ShouldBe(state);
    }

    [Fact]
    public async Task a_body_of_ten_megabytes_whose_length_is_not_told_is_refused()
    {
        var (funding, state) = (await Funding(), await Server.ReadState());
        using var connection = new RawConnection(Server.Url);
        await connection.Send(RawConnection.PostChunked(funding));
        await connection.Send("10\r\n{\"description\":\"\r\n");
        var answered = connection.ReadProblem();
        var chunk = $"10000\r\n{new string('x', 65_536)}\r\n";
        try
        {
            for (var sent = 0; sent < TenMegabytes && !answered.IsCompleted; sent += 65_536)
                await connection.Send(chunk);
        }
        catch (IOException)
        {
            // The server has had enough, and its answer is there to be read.
        }
        ShouldBeTooLarge(await answered);
        (await Server.ReadState()).ShouldBe(state);
    }

    [Theory]
    [InlineData("80000000")]
    [InlineData("ffffffffff")]
    [InlineData("7fffffffffffffff")]
    [InlineData("10000000000000000")]
    [InlineData("-1")]
    [InlineData("0x1d")]
    [InlineData("+1d")]
    [InlineData(" 1d")]
    [InlineData("g")]
    [InlineData("")]
    public async Task a_chunk_whose_size_cannot_be_is_refused_by_whatever_reads_it(string size)
    {
        string[] paths = [await Funding(), "/api/market-data/bars?interval=min", "/api/jobs", "/api/portfolios"];
        var state = await Server.ReadState();
        foreach (var path in paths)
        {
            using var connection = new RawConnection(Server.Url);
            await connection.Send($"{RawConnection.PostChunked(path)}{size}\r\n{Deposit}\r\n0\r\n\r\n");
            var (status, body) = await connection.ReadProblem();
            (status, (string?)body["title"]).ShouldBe((400, "invalid-request"), path);
        }
        (await Server.ReadState()).ShouldBe(state);
    }

    [Fact]
    public async Task a_name_as_long_as_the_body_does_not_make_the_answer_longer()
    {
        var funding = await Funding();
        var refused = await Server.Refuses(400, "invalid-request", api => api.SendRaw(
            HttpMethod.Post, funding, $"{{\"{new string('x', 900_000)}\":1}}"));
        refused.Body!.ToJsonString().Length.ShouldBeLessThan(2_000);
    }

    [Theory]
    [InlineData("""{"type":"DEPOSIT","am""")]
    [InlineData(Deposit)]
    public async Task a_request_that_ends_before_its_length_is_not_applied(string sent)
    {
        var (funding, state) = (await Funding(), await Server.ReadState());
        using var connection = new RawConnection(Server.Url);
        await connection.Send(RawConnection.Post(funding, Deposit.Length + 10) + sent);
        connection.EndSending();
        var answer = await connection.ReadToEnd();
        answer.ShouldNotContain("HTTP/1.1 2");
        answer.ShouldNotContain("   at ");
        (await Server.ReadState()).ShouldBe(state);
        (await Server.Api.Get("/health/live")).Expect(HttpStatusCode.OK);
    }

    [Fact]
    public async Task connections_broken_off_in_the_middle_leave_a_server_that_answers()
    {
        var (funding, state) = (await Funding(), await Server.ReadState());
        for (var i = 0; i < 20; i++)
        {
            using var connection = new RawConnection(Server.Url);
            var request = i % 2 == 0
                ? RawConnection.Post(funding, Deposit.Length) + Deposit[..(i + 1)]
                : RawConnection.PostChunked(funding) + "1d\r\n" + Deposit[..i];
            await connection.Send(request);
            connection.Break();
        }
        (await Server.Api.Get("/health/ready")).Expect(HttpStatusCode.OK).Text("status").ShouldBe("ready");
        (await Server.ReadState()).ShouldBe(state);
    }

    [Fact]
    public async Task a_slow_body_keeps_nobody_else_waiting_and_is_applied_once_whole()
    {
        var funding = await Funding();
        using var slow = new RawConnection(Server.Url);
        await slow.Send(RawConnection.Post(funding, Deposit.Length));
        foreach (var letter in Deposit[..10])
            await slow.Send($"{letter}");
        var before = await Server.ReadState();
        (await Server.Api.Post(funding, new { type = "FEE", amount = 1 })).Expect(HttpStatusCode.Created);
        (await Server.ReadState()).ShouldNotBe(before);
        await slow.Send(Deposit[10..]);
        (await slow.ReadToEnd()).ShouldStartWith("HTTP/1.1 201");
        (await Server.Api.Get(funding)).Items.Count.ShouldBe(2);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\n\r\n")]
    [InlineData("NONSENSE\r\n\r\n")]
    [InlineData("POST /api/portfolios HTTP/1.1\r\nHost: localhost\r\nContent-Length: -5\r\n\r\n")]
    [InlineData("POST /api/portfolios HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")]
    [InlineData("GET /api/portfolios/%00 HTTP/1.1\r\nHost: localhost\r\n\r\n")]
    [InlineData("GET /api/portfolios HTTP/9.9\r\nHost: localhost\r\n\r\n")]
    public async Task what_is_no_http_is_refused_without_a_word_of_the_inside(string request)
    {
        var state = await Server.ReadState();
        using var connection = new RawConnection(Server.Url);
        await connection.Send(request);
        connection.EndSending();
        var answer = await connection.ReadToEnd();
        answer.ShouldNotContain("HTTP/1.1 2");
        foreach (var inside in new[] { "   at ", "Exception", "Bifrost.", "Microsoft." })
            answer.ShouldNotContain(inside, Case.Sensitive);
        (await Server.ReadState()).ShouldBe(state);
    }

    [Theory]
    [InlineData("PUT", "/api/portfolios")]
    [InlineData("DELETE", "/api/portfolios")]
    [InlineData("DELETE", "/api/portfolios/1")]
    [InlineData("POST", "/api/portfolios/1")]
    [InlineData("PUT", "/api/orders/1")]
    [InlineData("GET", "/api/orders/1/executions")]
    [InlineData("GET", "/api/portfolios/1/close")]
    [InlineData("POST", "/api/portfolios/1/holdings")]
    [InlineData("PATCH", "/api/portfolios/1/funding")]
    [InlineData("POST", "/health/live")]
    [InlineData("POST", "/metrics")]
    [InlineData("TRACE", "/api/portfolios")]
    public Task a_method_that_a_route_has_not_is_refused(string method, string path) =>
        Server.Refuses(405, "method-not-allowed", _ => Server.Send(new HttpMethod(method), path, null));

    [Theory]
    [InlineData("GET", "/")]
    [InlineData("GET", "/api")]
    [InlineData("GET", "/api/nothing")]
    [InlineData("POST", "/api/portfolios/1/nothing")]
    [InlineData("GET", "/api/portfolios/abc")]
    [InlineData("GET", "/api/portfolios/1.0")]
    [InlineData("GET", "/api/portfolios/1e0")]
    [InlineData("GET", "/api/portfolios/0x1")]
    [InlineData("GET", "/api/portfolios/2147483648")]
    [InlineData("GET", "/api/portfolios/-2147483649")]
    [InlineData("GET", "/api/portfolios/99999999999999999999")]
    [InlineData("GET", "/api/portfolios/%F0%9F%92%B0")]
    [InlineData("GET", "/api/portfolios/1'--")]
    [InlineData("GET", "/api/orders/abc")]
    [InlineData("GET", "/api/orders/4294967296")]
    [InlineData("DELETE", "/api/orders/abc")]
    [InlineData("POST", "/api/portfolios/abc/orders")]
    [InlineData("POST", "/api/orders/99999999999/executions")]
    [InlineData("GET", "/openapi/v2.json")]
    [InlineData("GET", "/.env")]
    [InlineData("GET", "/docs/../../etc/passwd")]
    public Task a_route_that_is_not_there_is_refused(string method, string path) =>
        Server.Refuses(404, "not-found", _ => Server.Send(new HttpMethod(method), path, null));

    [Theory]
    [InlineData("limit=0")]
    [InlineData("limit=-1")]
    [InlineData("limit=1001")]
    [InlineData("limit=abc")]
    [InlineData("limit=")]
    [InlineData("limit=1e2")]
    [InlineData("limit=1.5")]
    [InlineData("limit=%201")]
    [InlineData("limit=+1")]
    [InlineData("limit=1&limit=2")]
    [InlineData("limit=99999999999999999999")]
    [InlineData("limit=%00")]
    [InlineData("after=-1")]
    [InlineData("after=x")]
    [InlineData("after=")]
    [InlineData("after=9223372036854775808")]
    [InlineData("after=1%3B%20DROP%20TABLE%20portfolio")]
    public async Task a_page_that_is_none_is_refused_on_every_list(string query)
    {
        var portfolio = await Server.Api.OpenPortfolio(1m);
        var field = query[..query.IndexOf('=')];
        await Server.RefusesField(field, api => api.Get($"/api/portfolios?{query}"));
        foreach (var list in new[] { "holdings", "orders", "trades", "transactions", "funding", "cash-balances" })
            await Server.RefusesField(field, api => api.Get($"/api/portfolios/{portfolio}/{list}?{query}"));
    }

    [Theory]
    [InlineData("/api/portfolios?userId=abc")]
    [InlineData("/api/portfolios?userId=1.5")]
    [InlineData("/api/portfolios?userId=99999999999")]
    [InlineData("/api/portfolios?userId=1&userId=2")]
    [InlineData("/api/audit/trial-balance")]
    [InlineData("/api/audit/trial-balance?portfolioId=")]
    [InlineData("/api/audit/trial-balance?portfolioId=abc")]
    [InlineData("/api/audit/trial-balance?portfolioId=99999999999")]
    public Task an_id_in_the_query_that_is_none_is_refused(string path) =>
        Server.Refuses(400, "invalid-request", api => api.Get(path));

    private static void ShouldBeTooLarge((int Status, System.Text.Json.Nodes.JsonNode Body) answer)
    {
        answer.Status.ShouldBe(413);
        answer.Body["type"]!.GetValue<string>().ShouldBe("/docs/errors#body-too-large");
        answer.Body.ToJsonString().ShouldNotContain("Exception");
    }

    private async Task<string> Funding() => $"/api/portfolios/{await Server.Api.OpenPortfolio(0m)}/funding";

    private async Task<ApiAnswer> SendBytes(string path, byte[] body, string? contentType)
    {
        using var content = new ByteArrayContent(body);
        if (contentType is not null)
            content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        return await Server.Send(HttpMethod.Post, path, content);
    }
}

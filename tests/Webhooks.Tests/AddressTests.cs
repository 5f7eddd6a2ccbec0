using System.Net;

namespace Bifrost.Webhooks.Tests;

/// <summary>Which addresses a server calls, and how it shows that it is the one that calls.</summary>
public sealed class AddressTests
{
    [Theory]
    [InlineData("8.8.8.8", true)]
    [InlineData("172.32.0.1", true)]
    [InlineData("100.128.0.1", true)]
    [InlineData("2606:4700::1111", true)]
    [InlineData("::ffff:8.8.8.8", true)]
    [InlineData("0.0.0.0", false)]
    [InlineData("10.1.2.3", false)]
    [InlineData("100.64.0.1", false)]
    [InlineData("127.0.0.1", false)]
    [InlineData("127.8.9.10", false)]
    [InlineData("169.254.169.254", false)]
    [InlineData("172.16.0.1", false)]
    [InlineData("172.31.255.255", false)]
    [InlineData("192.168.1.1", false)]
    [InlineData("224.0.0.1", false)]
    [InlineData("255.255.255.255", false)]
    [InlineData("::", false)]
    [InlineData("::1", false)]
    [InlineData("::ffff:127.0.0.1", false)]
    [InlineData("::ffff:10.0.0.1", false)]
    [InlineData("::127.0.0.1", false)]
    [InlineData("64:ff9b::7f00:1", false)]
    [InlineData("2002:7f00:1::", false)]
    [InlineData("fc00::1", false)]
    [InlineData("fd12:3456::1", false)]
    [InlineData("fe80::1", false)]
    [InlineData("ff02::1", false)]
    public void only_addresses_of_the_public_internet_are_called(string address, bool isPublic) =>
        PublicAddress.Is(IPAddress.Parse(address)).ShouldBe(isPublic);

    [Theory]
    [InlineData("https://example.com/hook", true)]
    [InlineData("http://8.8.8.8:8080/", true)]
    [InlineData("http://localhost/", false)]
    [InlineData("http://a.localhost/", false)]
    [InlineData("http://localhost./", false)]
    [InlineData("http://127.1/", false)]
    [InlineData("http://2130706433/", false)]
    [InlineData("http://0x7f000001/", false)]
    [InlineData("http://[::1]/", false)]
    [InlineData("http://[::ffff:10.0.0.1]/", false)]
    [InlineData("https://user:password@example.com/", false)]
    [InlineData("https://example.com/#part", false)]
    [InlineData("ftp://example.com/", false)]
    [InlineData("example.com", false)]
    [InlineData("", false)]
    public void a_url_is_public_and_has_no_credentials(string url, bool isTaken) =>
        (WebhookUrl.ProblemWith(url, allowsPrivate: false, out _) is null).ShouldBe(isTaken);

    // A name may stand for a private address, and for one only when it is called.
    [Fact]
    public async Task a_name_that_stands_for_a_private_address_is_not_called()
    {
        await using var receiver = await Receiver.Start();
        using var client = new WebhookClient(new WebhookOptions(), TimeProvider.System);

        var url = new Uri(receiver.Url.Replace("127.0.0.1", "localhost", StringComparison.Ordinal));
        var answer = await client.Post(url, WebhookSecret.Create(), "1", new byte[1], CancellationToken.None);

        answer.ShouldBe(new Answer(null, "localhost is a private address, which this server does not call."));
        receiver.Requests.ShouldBeEmpty();
    }

    // Computed by openssl dgst -sha256 -mac HMAC over id.timestamp.body, with the key that the secret is in base64.
    [Fact]
    public void the_signature_is_that_which_openssl_computes() =>
        WebhookSecret.Sign(
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330,
            """{"test": 2432232314}"""u8).ShouldBe("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

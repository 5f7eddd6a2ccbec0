using Xunit.Abstractions;
using Xunit.Sdk;

[assembly: TestCaseOrderer("Bifrost.Api.Tests.VerificationLast", "Bifrost.Api.Tests")]

namespace Bifrost.Api.Tests;

/// <summary>Tests that share a server. After all of them the live tables must equal the log, folded again.</summary>
public abstract class LedgerTests(LedgerFixture server) : IClassFixture<LedgerFixture>
{
    protected LedgerFixture Server { get; } = server;

    [Fact]
    public async Task at_the_end_the_live_tables_equal_the_log_folded_again() =>
        (await Server.Differences()).ShouldBeEmpty();
}

/// <summary>Runs what verifies a class's database after the tests that fill it.</summary>
public sealed class VerificationLast : ITestCaseOrderer
{
    private const string Last = nameof(LedgerTests.at_the_end_the_live_tables_equal_the_log_folded_again);

    public IEnumerable<TTestCase> OrderTestCases<TTestCase>(IEnumerable<TTestCase> testCases)
        where TTestCase : ITestCase =>
        testCases.OrderBy(test => test.TestMethod.Method.Name == Last);
}

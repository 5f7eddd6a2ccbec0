namespace Bifrost.Tidy.Tests;

/// <summary>The rules are shown what they look for, so that none passes because it looks at nothing.</summary>
public sealed class UntidyTests
{
    [Fact]
    public void an_open_class_and_an_open_record_are_found() => Broken(
        NameTests.UnsealedOf,
        "class A { } record B; sealed class C; abstract record D; static class E; record struct F; struct G;")
        .ShouldBe(["A is open: seal it.", "B is open: seal it."]);

    [Fact]
    public void empty_words_are_found_at_the_end_of_a_name_only() => Broken(
        NameTests.EmptyWordsOf,
        "class OrderManager; class Database; class Dtos; record TradeData; interface IBase; enum Base;")
        .Select(advice => advice.Split(' ')[0]).ShouldBe(["OrderManager", "TradeData", "IBase", "Base"]);

    [Fact]
    public void test_names_that_are_no_sentences_are_found() => Broken(
        NameTests.TestNamesOf,
        $$"""
        class T { [Fact] void a_b() { } [Fact] void Ab() { } void Cd() { }
                  [Theory] void a_{{new string('b', 90)}}() { } }
        """)
        .Count.ShouldBe(2);

    [Fact]
    public void a_method_is_measured_without_its_attributes_and_comment()
    {
        var body = string.Concat(Enumerable.Repeat("x();\n", 68));
        Broken(SizeTests.LongMethodsOf, $"class A {{\n// 1\n[B]\n[C]\nvoid D()\n{{\n{body}}}\n}}")
            .ShouldBe(["D has 71 lines: give its parts names of their own."]);
        Broken(SizeTests.LongMethodsOf, $"class A {{\n// 1\n[B]\n[C]\nvoid D() {{\n{body}}}\n}}").ShouldBeEmpty();
    }

    [Fact]
    public void eight_parameters_are_found_wherever_they_stand() => Broken(
        SizeTests.LongParameterListsOf,
        $$"""
        record A({{Parameters(8)}});
        class B({{Parameters(8)}}) { B({{Parameters(8)}}) { } void C({{Parameters(8)}}) { } }
        record D({{Parameters(7)}});
        """)
        .Count.ShouldBe(4);

    [Fact]
    public void long_lines_are_found() =>
        Broken(SizeTests.LongLinesOf, $"{new string('/', 120)}\n{new string('/', 121)}").Count.ShouldBe(1);

    [Fact]
    public void regions_are_found() => Broken(WordTests.RegionsOf, "#region A\n#endregion").Count.ShouldBe(1);

    [Fact]
    public void sleeps_are_found_in_code_and_not_in_comments() => Broken(
        WordTests.SleepsOf,
        "class A { void B() { System.Threading.Thread.Sleep(1); await Task.Delay(1); /* Task.Delay */ } }")
        .Count.ShouldBe(2);

    [Fact]
    public void floating_point_is_found_as_type_and_as_number() => Broken(
        WordTests.FloatingPointOf,
        "class A { double B; float C; Double D; System.Single E; decimal F = 1m; object G = 1.5, H = I.Single(); }")
        .Count.ShouldBe(5);

    private static List<string> Broken(Func<SourceFile, IEnumerable<Offence>> rule, string text) =>
        [.. rule(new SourceFile("A.cs", text)).Select(offence => offence.Advice)];

    private static string Parameters(int count) =>
        string.Join(", ", Enumerable.Range(0, count).Select(i => $"int p{i}"));
}

# shellcheck shell=sh
# What ./bifrost test --quick runs, and nowhere else: a project a line, and behind it the classes to run where not all.
#
# A class is here for what it would tell: the rules and their properties, the formats that must never change, then each
# layer once, from an append over its projection, replay and proof to a request. What starts processes, waits for
# outages or repeats a story at length is not.

quick_tests() {
    cat <<'LIST'
Domain.Tests
EventStore.Tests SampleTests UpcastTests EventHashTests AppendTests AppendOnlyTests SchemaTests
Projections.Tests
Replay.Tests VerificationTests
Audit.Tests TamperTests
Grains.Tests FenceTests SequenceTests WireTests
Instruments.Tests CalendarTests SessionTests InstrumentFileTests
MarketData.Tests IngestTests
Workers.Tests RoundingTests
Jobs.Tests CronTimesTests FenceTests
Api.Tests OrderFlowTests IdempotencyTests
Bench.Tests SessionTests TestCommandTests
Tidy.Tests
LIST
}

# How often a property is tried that would be tried a hundred times.
quick_cases=20

# As dotnet test wants it: the classes of a project, or nothing where all of it is meant.
quick_filter() {
    quick_tests | awk -v project="$1" '$1 == project {
        for (i = 2; i <= NF; i++) printf "%sFullyQualifiedName~.%s.", (i > 2 ? "|" : ""), $i
    }'
}

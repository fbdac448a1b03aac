import Testing

/// Returns once `condition` holds, or records an issue when it has not in 10 s and 500 looks.
///
/// Both are asked for, because a loaded machine may not let a test run at all for ten seconds.
func eventually(
    _ condition: () throws -> Bool,
    sourceLocation: SourceLocation = #_sourceLocation
) async throws {
    let deadline = ContinuousClock.now + .seconds(60)
    var lookCount = 0
    while try !condition() {
        lookCount += 1
        guard lookCount < 500 || ContinuousClock.now < deadline else {
            Issue.record("It has not happened within ten seconds.", sourceLocation: sourceLocation)
            return
        }
        try await Task.sleep(for: .milliseconds(2))
    }
}

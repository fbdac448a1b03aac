/// Waits until `condition` holds, asking again every 10 to 100 ms, for at most `limit`.
///
/// An error that `condition` throws counts as "not yet"; the last one is named when time is up.
package func eventually(
    within limit: Duration = .seconds(60),
    _ what: String,
    condition: () async throws -> Bool
) async throws {
    let clock = ContinuousClock()
    let deadline = clock.now.advanced(by: limit)
    var pause = Duration.milliseconds(10)
    var trouble = ""
    while true {
        do {
            if try await condition() { return }
            trouble = ""
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            trouble = ": \(error)"
        }
        guard clock.now < deadline else {
            throw PartFailure("not within \(limit): \(what)\(trouble)")
        }
        try await Task.sleep(for: pause)
        pause = min(pause * 2, .milliseconds(100))
    }
}

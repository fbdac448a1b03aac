/// Waits until `condition` holds, for at most `limit`.
///
/// It asks again after 10 ms, and then ever later, up to `longestPause`: who asks by a process of
/// its own keeps a core busy with little else.
/// An error that `condition` throws counts as "not yet"; the last one is named when time is up.
package func eventually(
    within limit: Duration = .seconds(60),
    pausingUpTo longestPause: Duration = .milliseconds(100),
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
        pause = min(pause * 2, longestPause)
    }
}

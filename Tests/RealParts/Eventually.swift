/// Waits until `condition` holds, for at most `limit`, asking again every 10 to 100 ms.
///
/// Where asking takes longer than that, it is asked again after twice as long, up to a second.
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
        let began = clock.now
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
        // Asking that starts a program takes the processor from what it waits for.
        let costly = min(began.duration(to: clock.now) * 2, longestPause)
        try await Task.sleep(for: max(pause, costly))
        pause = min(pause * 2, .milliseconds(100))
    }
}

/// After asking that took long.
private let longestPause = Duration.seconds(1)

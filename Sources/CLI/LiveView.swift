import Foundation
import RekeyCore
import RekeyPorts

/// Prints what happens to a rotation as it happens, from its journal.
struct LiveView {
    let reader: any JournalReader
    let rotation: RotationID

    /// How often the journal is read.
    private static let interval = Duration.milliseconds(100)

    /// Follows until the rotation is over or a person has to decide.
    func follow() async throws {
        var seen = 0
        while true {
            let history = try await reader.history(of: rotation)
            for entry in history.dropFirst(seen) { show(entry, since: history[0].event.date) }
            seen = history.count
            guard let state = try await reader.rotation(rotation) else {
                throw Problem("rotation \(rotation) is not in this journal")
            }
            if let end = state.end { return try report(end, state) }
            if let reason = state.heldReason {
                throw Problem(
                    "stuck: \(reason)",
                    hint: "decide with `rekey resume`, `rollback` or `abandon` \(rotation)"
                )
            }
            try await Task.sleep(for: Self.interval)
        }
    }

    private func show(_ entry: HistoryEntry, since start: Date) {
        guard let text = Narration.line(for: entry.event) else { return }
        let seconds = String(format: "%8.3f s", entry.event.date.timeIntervalSince(start))
        Console.line("\(seconds)  \(text)")
    }

    private func report(_ end: Rotation.End, _ state: Rotation) throws {
        switch end {
        case .closed: Console.line("closed: the old credential is revoked, nothing is owed")
        case .rolledBack:
            throw Problem("rolled back: \(state.gaveUpReason ?? "no reason was recorded")")
        case .abandoned: throw Problem("abandoned")
        }
    }
}

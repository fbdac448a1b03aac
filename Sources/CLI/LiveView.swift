import Foundation
import RekeyCore
import RekeyPorts

/// Prints what happens to a rotation as it happens, from its journal.
struct LiveView {
    let reader: any JournalReader
    let rotation: RotationID

    /// How often the journal is read.
    private static let interval = Duration.milliseconds(100)
    private static let inboxLimit = 10_000

    /// Follows until the rotation is over or a person has to decide.
    func follow() async throws { try report(try await finish()) }

    /// Follows what serves a compromise that found the rotation in flight: this one, or, where it
    /// had made its value before or goes back, the one that the worker begins afterwards.
    func follow(serving request: InboxEntry.ID) async throws {
        let ended = try await finish()
        guard let next = try await successor(of: ended, serving: request) else {
            return try report(ended)
        }
        Console.line("\(ended.end?.rawValue ?? ""): rotation \(next) follows it")
        try await LiveView(reader: reader, rotation: next).follow()
    }

    /// Shows each event until the rotation has ended, and returns it.
    private func finish() async throws -> Rotation {
        var seen = 0
        while true {
            let history = try await reader.history(of: rotation)
            for entry in history.dropFirst(seen) { show(entry, since: history[0].event.date) }
            seen = history.count
            guard let state = try await reader.rotation(rotation) else {
                throw Problem("rotation \(rotation) is not in this journal")
            }
            if state.end != nil { return state }
            if let reason = state.heldReason {
                throw Problem(
                    "stuck: \(reason)",
                    hint: "decide with `rekey resume`, `rollback` or `abandon` \(rotation)"
                )
            }
            try await Task.sleep(for: Self.interval)
        }
    }

    /// The rotation that a request waited for; nil where it waits no more, and none began.
    private func successor(
        of ended: Rotation,
        serving request: InboxEntry.ID
    ) async throws -> RotationID? {
        let query = RotationQuery(credential: ended.plan.credential, limit: 1)
        while true {
            // In this order: the request leaves the inbox as its rotation begins.
            let waiting = try await reader.inbox(limit: Self.inboxLimit)
            if let next = try await reader.rotations(query).first, next.id != ended.id {
                return next.id
            }
            guard waiting.contains(where: { $0.id == request }) else { return nil }
            try await Task.sleep(for: Self.interval)
        }
    }

    private func show(_ entry: HistoryEntry, since start: Date) {
        guard let text = Narration.line(for: entry.event) else { return }
        let seconds = String(format: "%8.3f s", entry.event.date.timeIntervalSince(start))
        Console.line("\(seconds)  \(text)")
    }

    private func report(_ state: Rotation) throws {
        switch state.end {
        case nil: return
        case .closed:
            let owed = state.debts.filter { !$0.isPaid }.map(\.account.text)
            let isLeft = state.plan.strategy.overlaps && state.times.retiredAt == nil
            guard owed.isEmpty, !isLeft else {
                let names = owed.isEmpty ? "the old credential" : owed.joined(separator: ", ")
                throw Problem(
                    "closed, and still accepted: \(names)",
                    hint: "`rekey status` says whether another rotation is to end it"
                )
            }
            Console.line("closed: the old credential is revoked, nothing is owed")
        case .rolledBack:
            throw Problem("rolled back: \(state.gaveUpReason ?? "no reason was recorded")")
        case .abandoned: throw Problem("abandoned")
        }
    }
}

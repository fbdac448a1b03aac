import CrashSupport
import Foundation
import InMemoryBroker
import InMemoryHook
import InMemoryTarget
import InMemoryVault
import RekeyCore
import RekeyPorts
import RekeyWorker
import Synchronization

/// States from which a worker was started, with no fault to come, by their digests.
///
/// A run that comes to one of them goes on as the one that was there first, since everything that
/// a new worker can read is equal: whoever was first has gone on to the end, or will.
package final class KnownStates: Sendable {
    private let digests = Mutex<Set<String>>([])

    package init() {}

    /// Whether nobody was here before.
    func isNew(_ digest: String) -> Bool { digests.withLock { $0.insert(digest).inserted } }
}

extension SweepWorld {
    /// Everything that a worker which starts now can find, and the time; nil while a late call is
    /// on its way.
    ///
    /// Generated values are told apart by where they appear, since only their equality counts. A
    /// claim's epoch is left out: the next one is above all before, and they are only compared.
    func digest(_ state: ConductorState, after faults: [SeamFault]) async throws -> String? {
        guard lateCalls.pending == 0 else { return nil }
        var lines = ["now \(clock.now.timeIntervalSince1970)"]
        lines.append("\(state.requests) \(state.resumes) \(state.wasRepeated)")
        lines.append("\(state.isReconfigured)")
        // What is expected at the end depends on these.
        lines.append(
            "\(faults.contains { $0.kind == .permanent }) \(faults.contains(where: \.isLate))"
        )
        lines += try await journalLines()
        for version in vault.listing + stagingVault.listing { lines.append("\(version)") }
        if let target {
            lines += try await target.inspect(current: nil).accepted.map { "\($0)" }
            lines += target.accepted.map { "\($0.account?.text ?? "") \($0.secret.text)" }
            lines += target.changes.map { "\($0.kind) \($0.account) \($0.key?.text ?? "")" }
            lines += target.spares.map { "spare \($0)" }
        }
        for (name, workload) in workloads.sorted(by: { $0.key < $1.key }) {
            lines.append("\(name) \(workload.held) \(workload.refreshes)")
        }
        lines += hook.orders.map { "\($0.key) \($0.sequence) \($0.value?.text ?? "")" }
        for queue in Self.queues + [Self.witness] {
            let waiting = try await outsider.list(queue, limit: 10_000)
            lines += waiting.map { "\(queue) \($0.parkedID) \($0.deliveryCount)" }
        }
        return named(lines.joined(separator: "\n"))
    }

    private func journalLines() async throws -> [String] {
        let reader = journal.reader
        let rotations = try await reader.rotations(RotationQuery())
        var lines = rotations.map { "\($0)" }
        lines += try await reader.inbox(limit: 10_000).map { "\($0.id) \($0.isUrgent)" }
        lines += try await reader.outbox(limit: 10_000).map { "\($0)" }
        lines += try await reader.timers(dueAt: .distantFuture, limit: 10_000).map { "\($0)" }
        lines += try await reader.credentials().map { "\($0)" }
        lines += try await reader.debts(unpaidOnly: false).map { "\($0)" }
        return lines
    }

    /// The text with a number for each value, in the order of their appearance.
    private func named(_ text: String) -> String {
        let values = (vault.listing + stagingVault.listing).map(\.digest)
        let all = Set(values + (target?.accepted.map(\.secret.text) ?? []))
        let places = all.compactMap { value in
            text.range(of: value).map { (value, $0.lowerBound) }
        }
        var named = text
        for (number, place) in places.sorted(by: { $0.1 < $1.1 }).enumerated() {
            named = named.replacingOccurrences(of: place.0, with: "<value \(number)>")
        }
        return named
    }
}

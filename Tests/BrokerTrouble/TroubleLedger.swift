import CrashSupport
import RekeyCore
import RekeyPorts
import Synchronization

/// What was seen from outside so far, and what of it was wrong.
final class TroubleLedger: Sendable {
    private struct State {
        var looks = 0
        var violations: [String] = []
    }

    /// After these calls something outside may have changed.
    private static let changing: Set<String> = [
        "vault.app.write", "vault.staging.write", "vault.staging.disable", "target.install",
        "target.retire", "workload.refresh",
    ]

    private let journal: any Journal
    private let state = Mutex(State())

    init(journal: any Journal) { self.journal = journal }

    var looks: Int { state.withLock { $0.looks } }

    /// Takes what was found wrong since the last time.
    func take() -> [String] {
        state.withLock { state in
            defer { state.violations = [] }
            return state.violations
        }
    }

    /// Looks after a call that may have changed something.
    func look(at systems: OutsideSystems, after point: SeamPoint) async {
        guard Self.changing.contains(point.name) else { return }
        await record("\(point)") {
            try await OutsideLook(systems: systems, journal: journal.reader).violations()
        }
    }

    func record(_ place: String, _ look: () async throws -> [String]) async {
        let seen: [String]
        do { seen = try await look() } catch { seen = ["the ledger could not look: \(error)"] }
        state.withLock { state in
            state.looks += 1
            state.violations += seen.map { "\($0) at \(place)" }
        }
    }
}

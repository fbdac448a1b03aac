import Logging
import RekeyCore
import Synchronization

/// Why what is due does not begin, told once and not at every sweep.
final class SweepRefusals: Sendable {
    private let told = Mutex<[CredentialID: String]>([:])

    /// Warns of a reason that was not told last.
    func tell(_ why: String, about id: CredentialID, to logger: Logger) {
        let isNew = told.withLock { $0.updateValue(why, forKey: id) != why }
        guard isNew else { return }
        logger.warning(
            "what is due does not begin",
            metadata: ["secret.name": "\(id)", "failure.reason": "\(why)"]
        )
    }

    func forget(_ id: CredentialID) { _ = told.withLock { $0.removeValue(forKey: id) } }
}

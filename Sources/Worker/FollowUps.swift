import RekeyCore
import RekeyPorts
import Synchronization

/// Requests in the inbox that wait for a rotation of the same credential to end.
///
/// The journal has them all: what is here only saves waiting for the sweeper.
final class FollowUps: Sendable {
    private let waiting = Mutex<[RotationID: [InboxEntry]]>([:])

    func add(_ entry: InboxEntry, behind rotation: RotationID) {
        waiting.withLock { waiting in
            guard waiting[rotation]?.contains(entry) != true else { return }
            waiting[rotation, default: []].append(entry)
        }
    }

    /// Takes what waited for `rotation`, where `isOver` says that it has ended.
    func take(
        behind rotation: RotationID,
        onceOver isOver: () async throws -> Bool
    ) async throws -> [InboxEntry] {
        guard waiting.withLock({ $0[rotation] != nil }), try await isOver() else { return [] }
        return waiting.withLock { $0.removeValue(forKey: rotation) } ?? []
    }
}

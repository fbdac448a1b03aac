package import RekeyCore
import Synchronization

/// The last committed state of the rotations of late, so that a step reads and decodes nothing.
///
/// Only a writer puts states in, after each commit and before it tells anybody, so what is here is
/// what a reader would fold, up to the state's number. One that is over stays for a while: its
/// last events come when it has ended.
package final class RotationCache: Sendable {
    /// A rotation in memory takes a few KiB: this bounds the whole to a few MiB.
    package static let limit = 2_048

    private struct State {
        var rotations: [RotationID: Rotation] = [:]
        /// Those that are over, the first to end first.
        var ended: [RotationID] = []
    }

    private let state = Mutex(State())

    package init() {}

    package func rotation(_ id: RotationID) -> Rotation? { state.withLock { $0.rotations[id] } }

    /// Keeps a state, unless a later one of the same rotation is here.
    package func keep(_ rotation: Rotation) {
        state.withLock { state in
            if let known = state.rotations[rotation.id], known.number >= rotation.number { return }
            if rotation.isOver { state.ended.append(rotation.id) }
            if state.rotations.count >= Self.limit, state.rotations[rotation.id] == nil {
                Self.makeRoom(in: &state)
            }
            state.rotations[rotation.id] = rotation
        }
    }

    /// Drops the oldest half of those that ended, or else one that goes on; whichever goes is
    /// folded again when it is asked for.
    private static func makeRoom(in state: inout State) {
        let old = state.ended.prefix((state.ended.count + 1) / 2)
        for id in old { state.rotations[id] = nil }
        if old.isEmpty { state.rotations.remove(at: state.rotations.startIndex) }
        state.ended.removeFirst(old.count)
    }
}

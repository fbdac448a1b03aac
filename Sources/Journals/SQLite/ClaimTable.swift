import RekeyCore
import RekeyPorts
import Synchronization

/// Who holds which rotation, in the memory of the one process that has the journal open.
///
/// The lock beside the journal keeps every other process out, so a claim need not outlive this
/// one, and costs no sync of the disk. Epochs have to, for targets remember them: each is above
/// every one that was given under an earlier generation, and the generation, which is in the
/// journal, rises whenever it is opened.
final class ClaimTable: Sendable {
    /// The bits of an epoch that count the claims of one generation: at 10,000 claims a second
    /// they last three years.
    private static let countBits = 40

    private struct Row {
        var holder: String?
        var epoch: Int64
        var untilBootSeconds = 0.0
        /// Commits that were begun under a claim of this rotation and have not ended.
        var pending = 0
    }

    private struct State {
        var lastEpoch: Int64
        var rows: [RotationID: Row] = [:]

        func isHeld(_ claim: Claim) -> Bool {
            guard let row = rows[claim.rotation] else { return false }
            return row.holder == claim.holder && row.epoch == claim.epoch
        }

        /// Forgets a rotation that nobody holds: the next claim's epoch is above all others.
        mutating func drop(_ rotation: RotationID) {
            guard let row = rows[rotation], row.holder == nil, row.pending == 0 else { return }
            rows[rotation] = nil
        }
    }

    enum Answer: Equatable, Sendable {
        case granted(Claim)
        /// Another holder's claim lasts.
        case refused
        /// A commit of the holder before is on its way: ask once more behind it.
        case behindCommit
    }

    private let state: Mutex<State>

    /// Begins above every epoch of the generations before.
    init(generation: Int64) {
        state = Mutex(State(lastEpoch: generation << Self.countBits))
    }

    /// Claims `rotation` for `holder`, unless another holder's claim lasts at `bootSeconds`.
    ///
    /// With `isBehindCommits` the caller says that all commits begun so far have ended.
    func claim(
        _ rotation: RotationID,
        for holder: String,
        at bootSeconds: Double,
        seconds: Double,
        isBehindCommits: Bool = false
    ) -> Answer {
        state.withLock { state in
            let row = state.rows[rotation]
            if let other = row?.holder, other != holder, row?.untilBootSeconds ?? 0 > bootSeconds {
                return .refused
            }
            let pending = row?.pending ?? 0
            guard pending == 0 || isBehindCommits else { return .behindCommit }
            state.lastEpoch += 1
            state.rows[rotation] = Row(
                holder: holder,
                epoch: state.lastEpoch,
                untilBootSeconds: bootSeconds + seconds,
                pending: pending
            )
            return .granted(
                Claim(
                    rotation: rotation,
                    holder: holder,
                    epoch: state.lastEpoch,
                    untilBootSeconds: bootSeconds + seconds
                )
            )
        }
    }

    /// Gives a claim back; a stale one changes nothing.
    func release(_ claim: Claim) {
        state.withLock { state in
            guard state.isHeld(claim) else { return }
            state.rows[claim.rotation]?.holder = nil
            state.drop(claim.rotation)
        }
    }

    /// Notes a commit that is on its way.
    ///
    /// Answers whether `commitEnded` has to follow: not where nobody holds the rotation, for then
    /// the commit will be refused.
    func commitBegins(under claim: Claim) -> Bool {
        state.withLock { state in
            guard state.rows[claim.rotation] != nil else { return false }
            state.rows[claim.rotation]?.pending += 1
            return true
        }
    }

    func commitEnded(under claim: Claim) {
        state.withLock { state in
            guard let pending = state.rows[claim.rotation]?.pending, pending > 0 else { return }
            state.rows[claim.rotation]?.pending = pending - 1
            state.drop(claim.rotation)
        }
    }

    /// Throws `staleClaim` unless the rotation's last claim is this one, and was not given back.
    ///
    /// An expired claim that nobody took over is still good: the epoch fences, not the time.
    func check(_ claim: Claim) throws(JournalFailure) {
        guard state.withLock({ $0.isHeld(claim) }) else {
            throw .staleClaim("rotation \(claim.rotation), epoch \(claim.epoch)")
        }
    }

    func isClaimed(_ rotation: RotationID, at bootSeconds: Double) -> Bool {
        state.withLock { state in
            guard let row = state.rows[rotation], row.holder != nil else { return false }
            return row.untilBootSeconds > bootSeconds
        }
    }
}

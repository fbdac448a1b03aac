/// Why a journal did not do as it was asked.
///
/// Codes and names only.
package enum JournalFailure: Error, Equatable, Sendable, CustomStringConvertible {
    /// Another writer got there first: read again and decide anew.
    case conflict(String)
    /// The inbox has the entry no more that was to be handled: somebody else did its work.
    case gone(String)
    /// The claim belongs to somebody else by now: stop working on the rotation.
    case staleClaim(String)
    /// The journal cannot be written or read now, such as a full disk.
    case unavailable(String)
    /// It takes nothing more until it is opened again, as after an error of the disk: only that
    /// tells whether the last commit happened. Whoever writes it has to end.
    case ended(String)
    /// What was to be written is such that no journal can keep it: another attempt fails as well.
    case unwritable(String)
    /// Another worker has the journal open.
    case held(String)
    /// The journal was written by a newer Rekey.
    case newerSchema(found: Int, known: Int)
    /// What was read back is not what was written.
    case damaged(String)

    package var description: String {
        switch self {
        case .conflict(let what): "conflict: \(what)"
        case .gone(let what): "gone: \(what)"
        case .staleClaim(let what): "stale claim: \(what)"
        case .unavailable(let what): "journal unavailable: \(what)"
        case .ended(let what): "journal ended: \(what)"
        case .unwritable(let what): "the journal cannot keep it: \(what)"
        case .held(let what): "journal held: \(what)"
        case .newerSchema(let found, let known):
            "journal schema \(found) is newer than \(known), which this rekey knows"
        case .damaged(let what): "journal damaged: \(what)"
        }
    }
}

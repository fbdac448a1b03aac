package import RekeyCore

/// What befalls a rotation besides the faults that the sweep puts into it.
package enum SweepScenario: String, Sendable, CaseIterable {
    /// Nothing: it closes.
    case plain
    /// No workload shows evidence of the new value: it goes back.
    case noEvidence
    /// The target's policy rejects the first value: another one is tried.
    case refusesFirst
    /// The target's policy rejects every value: it goes back before anything was written.
    case refusesAll
    /// The old value is known to others: it skips gates, and closes before its deadline.
    case compromise
    /// The deadline of a compromise passes without evidence: the old value dies all the same.
    case overdue
    /// An event says that the end is near, and says it again when the rotation is over.
    case nearExpiry
    /// A workload is added to the configuration once the rotation is complete: it closes after that
    /// one has the new value, too.
    case joined

    package static func all(of strategy: Strategy) -> [SweepScenario] {
        switch strategy {
        case .alternate: allCases
        // Who is added later is in the gap of `replace` before anybody knows of it.
        case .replace: allCases.filter { $0 != .joined }
        case .dualKey, .addThenRemove, .valueOnly:
            allCases.filter { $0 != .refusesFirst && $0 != .refusesAll }
        }
    }

    var isCompromise: Bool { self == .compromise || self == .overdue }

    /// Whether the workload that goes last shows evidence of the new value.
    var hasEvidence: Bool { self != .noEvidence && self != .overdue }

    /// How it ends, whatever crash, transient failure or lost answer there is.
    var end: Rotation.End {
        switch self {
        case .plain, .refusesFirst, .compromise, .overdue, .nearExpiry, .joined: .closed
        case .noEvidence, .refusesAll: .rolledBack
        }
    }
}

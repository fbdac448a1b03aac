import RekeyCore

/// What befalls a rotation besides the fault that the sweep puts into it.
enum SweepScenario: String, Sendable, CaseIterable {
    /// Nothing: it closes.
    case plain
    /// No workload shows evidence of the new value: it goes back.
    case noEvidence
    /// The target's policy rejects the first value: another one is tried.
    case refusesFirst
    /// The target's policy rejects every value: it goes back before anything was written.
    case refusesAll

    static func all(of strategy: Strategy) -> [SweepScenario] {
        switch strategy {
        case .replace, .alternate: allCases
        case .dualKey, .addThenRemove, .valueOnly: [.plain, .noEvidence]
        }
    }

    /// How it ends, whatever fault there is.
    ///
    /// A single transient or unknown outcome is never a reason to end otherwise.
    var end: Rotation.End {
        switch self {
        case .plain, .refusesFirst: .closed
        case .noEvidence, .refusesAll: .rolledBack
        }
    }
}

/// How a credential is changed, chosen by what its target can do.
package enum Strategy: String, Codable, Sendable, CaseIterable {
    /// One credential, changed in place: there is a gap, which is measured and reported.
    case replace
    /// Two users or roles, in turn.
    case alternate
    /// Two keys that the provider keeps, in turn.
    case dualKey
    /// Several credentials at once, whose values the target makes.
    case addThenRemove
    /// A value with no target: the workloads themselves check it.
    case valueOnly

    /// Whether old and new are accepted side by side.
    package var overlaps: Bool { self != .replace }

    /// Whether the target makes the value, so that only the intent can be durable before it.
    package var targetMakesValue: Bool { self == .dualKey || self == .addThenRemove }

    /// The promotions of a rotation that goes well, in order.
    ///
    /// Every strategy but `valueOnly` needs one. There, verifiers first accept both values, then
    /// callers send the new one, and at retire verifiers drop the old.
    package var passes: [Pass] {
        switch self {
        case .replace, .alternate, .dualKey, .addThenRemove:
            [Pass(audience: .everyone, content: .candidate)]
        case .valueOnly:
            [
                Pass(audience: .verifiers, content: .both),
                Pass(audience: .callers, content: .candidate),
                Pass(audience: .verifiers, content: .candidate),
            ]
        }
    }

    /// The promotions that go back, in order: callers send the old value again before verifiers,
    /// which accept both until then, drop the new one.
    package var passesBack: [Pass] {
        switch self {
        case .replace, .alternate, .dualKey, .addThenRemove:
            [Pass(audience: .everyone, content: .previous)]
        case .valueOnly:
            [
                Pass(audience: .callers, content: .previous),
                Pass(audience: .verifiers, content: .previous),
            ]
        }
    }

    /// How many of `passes` come before the rotation is complete; the rest belongs to retire.
    package var passesBeforeComplete: Int { self == .valueOnly ? 2 : 1 }

    /// The steps of a rotation that goes well, in order, in phases that each leave it at rest.
    package var phases: [[Step]] {
        let prepare: [Step] = [.stage, .apply, .prove]
        let change: [Step] = [.promote, .refresh, .verify]
        let finish: [Step] = [.complete, .hook, .retire, .close]
        let changes = Array(repeating: change, count: passesBeforeComplete)
        return [prepare + changes[0]] + changes.dropFirst() + [finish]
    }
}

/// One round in which carriers are given a content, and those who read them follow.
package struct Pass: Codable, Equatable, Sendable {
    package let audience: Audience
    package let content: CarrierContent
}

/// Who reads a carrier.
package enum Audience: String, Codable, Sendable, CaseIterable {
    case everyone, verifiers, callers

    /// Whether a pass for this audience concerns a carrier or workload of `other`.
    package func includes(_ other: Audience) -> Bool {
        self == .everyone || other == .everyone || self == other
    }
}

/// What a promotion puts into a carrier.
package enum CarrierContent: String, Codable, Sendable {
    case candidate
    /// Candidate and previous, where a verifier can hold both.
    case both
    case previous
}

import RekeyCore

/// What happens at one point, once.
package struct SeamFault: Sendable, CustomStringConvertible {
    package enum Kind: Sendable, CaseIterable {
        /// The process ends here.
        case crash
        /// Before the call: nothing changed, and another attempt may succeed.
        case transient
        /// Before the call: nothing changed, and no attempt will succeed.
        case permanent
        /// After the call: it took effect, and the answer was lost.
        case unknown
    }

    package let point: SeamPoint
    package let kind: Kind

    package init(_ kind: Kind, at point: SeamPoint) {
        self.kind = kind
        self.point = point
    }

    package var description: String { "\(kind) at \(point)" }

    /// As the caller sees it; a crash is seen by nobody.
    var failure: StepFailure? {
        switch kind {
        case .crash: nil
        case .transient: StepFailure(.transient, "seam: \(point)")
        case .permanent: StepFailure(.permanent, "seam: \(point)")
        case .unknown: StepFailure(.unknown, "seam: \(point)")
        }
    }
}

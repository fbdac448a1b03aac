import RekeyCore

/// What happens at one point, once.
package struct SeamFault: Hashable, Sendable, CustomStringConvertible {
    package enum Kind: String, Sendable, CaseIterable {
        /// The process ends here.
        case crash
        /// Nothing changed, and another attempt may succeed.
        case transient
        /// Nothing changed, and no attempt will succeed.
        case permanent
        /// The answer was lost: before the call with the request, after it on the way back.
        case unknown
        /// The answer was lost, and the call takes effect later.
        case late
        /// The process ends while the request is on its way: the call takes effect later.
        case crashLate
    }

    package let point: SeamPoint
    package let kind: Kind

    package init(_ kind: Kind, at point: SeamPoint) {
        self.kind = kind
        self.point = point
    }

    /// Reads `crash at vault.write#3 after`; nil where it is not of this form.
    package init?(_ text: String) {
        let words = text.split(separator: " ", maxSplits: 2)
        guard words.count == 3, words[1] == "at", let kind = Kind(rawValue: String(words[0])),
            let point = SeamPoint(String(words[2]))
        else { return nil }
        self.init(kind, at: point)
    }

    package var description: String { "\(kind) at \(point)" }

    /// Whether the process is over with it.
    package var ends: Bool { kind == .crash || kind == .crashLate }

    /// As the caller sees it; a crash is seen by nobody.
    var failure: StepFailure? {
        switch kind {
        case .crash, .crashLate: nil
        case .transient: StepFailure(.transient, "seam: \(point)")
        case .permanent: StepFailure(.permanent, "seam: \(point)")
        case .unknown, .late: StepFailure(.unknown, "seam: \(point)")
        }
    }

    package var isLate: Bool { kind == .late || kind == .crashLate }
}

/// One published expectation of a rotator, and what Rekey makes of it.
struct BorrowedRow: Sendable, CustomStringConvertible {
    /// Where the expectation was published.
    struct Source: Sendable {
        let repository: String
        let commit: String
        let file: String
        /// Lines, or the name of the test or function.
        let place: String
    }

    enum Verdict: Sendable {
        /// As the source has it.
        case same
        /// Otherwise, on purpose; the check is of what Rekey does.
        case differs(String)
        /// There is no such thing in Rekey's model; the check is of what comes nearest.
        case nearest(String)

        /// Why it is not the same; nil where it is.
        var reason: String? {
            switch self {
            case .same: nil
            case .differs(let reason), .nearest(let reason): reason
            }
        }
    }

    /// Letter and number, and a small letter where one row of the source has several cases.
    let id: String
    let source: Source
    /// What the source gives and expects.
    let expects: String
    let verdict: Verdict
    /// Runs the case on Rekey's own parts.
    let check: @Sendable () async throws -> Void

    init(
        _ id: String,
        _ source: Source,
        _ expects: String,
        _ verdict: Verdict = .same,
        check: @escaping @Sendable () async throws -> Void
    ) {
        self.id = id
        self.source = source
        self.expects = expects
        self.verdict = verdict
        self.check = check
    }

    var description: String { "\(id): \(expects)" }

    /// The row's number in its suite, whatever its cases.
    var number: String { String(id.prefix { $0.isUppercase || $0.isNumber }) }
}
